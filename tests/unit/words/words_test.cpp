// SPDX-License-Identifier: Apache-2.0
// The C++ structs that scripts/words makes, against the packed structs of the RTL.
#include <gmock/gmock.h>
#include <verilated.h>

#include <random>
#include <type_traits>
#include <vector>

#include "Vwords.h"
#include "golden/base/error.h"
#include "tb/sim/port.h"
#include "tests/support/seeds.h"
#include "words/sb_pkg.h"
#include "words/sb_words_test_pkg.h"

namespace sb {
namespace {

using sb_words_test_pkg::command_t;
using testing::HasSubstr;

/// The members in the order of declaration, as the slots of sb_words_top hold them.
template <typename T>
std::vector<uint64_t> slots_of(const T& value) {
  std::vector<uint64_t> slots;
  T::each(value, [&](const words::Field&, const auto& v) {
    using V = std::remove_cvref_t<decltype(v)>;
    if constexpr (std::is_enum_v<V> || std::is_integral_v<V>) {
      slots.push_back(static_cast<uint64_t>(v));
    } else if constexpr (!std::is_same_v<V, words::Reserved>) {
      for (const uint64_t s : slots_of(v)) slots.push_back(s);
    }
  });
  return slots;
}

/// Random members: half of them at an end of their range.
template <typename T>
T random_struct(std::mt19937_64& rng) {
  T value;
  T::each(value, [&](const words::Field& f, auto&& v) {
    using V = std::remove_cvref_t<decltype(v)>;
    if constexpr (std::is_enum_v<V>) {
      do v = static_cast<V>(rng() >> (64 - f.bits));
      while (name(v).empty());
    } else if constexpr (std::is_integral_v<V>) {
      const uint64_t ends[] = {0, ~uint64_t{0}, uint64_t{1} << (f.bits - 1),
                               (uint64_t{1} << (f.bits - 1)) - 1};
      const uint64_t bits = (rng() % 2 ? rng() : ends[rng() % 4]) & (~uint64_t{0} >> (64 - f.bits));
      v = static_cast<V>(f.is_signed ? static_cast<uint64_t>(tb::sign_extend(bits, f.bits)) : bits);
    } else if constexpr (!std::is_same_v<V, words::Reserved>) {
      v = random_struct<V>(rng);
    }
  });
  return value;
}

class Words : public testing::Test {
 protected:
  /// Both ways, of many random values: C++ packs what the RTL takes apart, and the reverse.
  template <typename T, typename WordIn, typename SlotsOut, typename SlotsIn, typename WordOut>
  void check(uint64_t seed, WordIn& word_in, SlotsOut& slots_out, SlotsIn& slots_in,
             WordOut& word_out) {
    std::mt19937_64 rng(seed);
    const tb::Port in(word_in), apart(slots_out), members(slots_in), back(word_out);
    ASSERT_EQ(in.words(), (T::kBits > 32 && T::kBits <= 64) ? 2 : words::Word<T::kBits>().size());
    for (int i = 0; i < 1000; ++i) {
      const T value = random_struct<T>(rng);
      const auto word = value.pack();
      const std::vector<uint64_t> slots = slots_of(value);
      std::vector<uint32_t> halves;
      for (const uint64_t s : slots) {
        halves.push_back(static_cast<uint32_t>(s));
        halves.push_back(static_cast<uint32_t>(s >> 32));
      }
      ASSERT_EQ(halves.size(), apart.words()) << T::kName;
      in.write(word);
      members.write(halves);
      model_.eval();
      std::vector<uint32_t> got(halves.size()), packed(word.size());
      apart.read(got);
      back.read(packed);
      ASSERT_EQ(got, halves) << T::kName << " taken apart by the RTL";
      ASSERT_THAT(packed, testing::ElementsAreArray(word)) << T::kName << " packed by the RTL";
      ASSERT_EQ(T::unpack(packed), value) << T::kName;
    }
  }
  VerilatedContext context_;
  Vwords model_{&context_};
};

TEST_F(Words, EveryStructHasTheBitsOfTheRtl) {
  auto& m = model_;
  test::for_each_seed(2, [&](uint64_t seed) {
    check<sb_pkg::job_t>(seed, m.job_word_i, m.job_o, m.job_i, m.job_word_o);
    check<sb_pkg::chan_t>(seed, m.chan_word_i, m.chan_o, m.chan_i, m.chan_word_o);
    check<sb_pkg::norm_chan_t>(seed, m.norm_chan_word_i, m.norm_chan_o, m.norm_chan_i,
                               m.norm_chan_word_o);
    check<sb_pkg::norm_row_t>(seed, m.norm_row_word_i, m.norm_row_o, m.norm_row_i,
                              m.norm_row_word_o);
    check<sb_pkg::norm_job_t>(seed, m.norm_job_word_i, m.norm_job_o, m.norm_job_i,
                              m.norm_job_word_o);
    check<sb_pkg::operand_t>(seed, m.operand_word_i, m.operand_o, m.operand_i, m.operand_word_o);
    check<command_t>(seed, m.command_word_i, m.command_o, m.command_i, m.command_word_o);
  });
}

TEST_F(Words, ConstantsAreThoseOfTheRtl) {
  using namespace sb_words_test_pkg;
  model_.eval();
  std::vector<uint32_t> rtl(8);
  tb::Port(model_.constants_o).read(rtl);
  const uint64_t ours[] = {Derived, Magic, static_cast<uint64_t>(Negative), Wide};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tb::get_lane(rtl, i, 64), ours[i]) << i;
  EXPECT_EQ(Negative, -5);
  EXPECT_EQ(CommandBits, command_t::kBits);
  EXPECT_EQ(sb_pkg::JobBits, sb_pkg::job_t::kBits);
}

TEST(WordsPack, EnumsKnowTheirNames) {
  using namespace sb_words_test_pkg;
  EXPECT_EQ(name(OpStore), "OpStore");
  EXPECT_EQ(static_cast<int>(OpStore), 10);
  EXPECT_EQ(name(sb_pkg::ClampU8), "ClampU8");
  EXPECT_EQ(name(static_cast<op_e>(8)), "");
}

template <typename Body>
std::string refusal(Body&& body) {
  try {
    body();
  } catch (const golden::InputError& e) {
    return e.what();
  }
  return "nothing refused";
}

TEST(WordsPack, ValuesOutsideTheirMemberAreRefusedByName) {
  const auto pack = [](auto&& change) {
    command_t c;
    change(c);
    return refusal([&] { c.pack(); });
  };
  EXPECT_EQ(pack([](auto&) {}), "nothing refused");
  EXPECT_EQ(pack([](auto& c) { c.address = 4096; }),
            "sb_words_test_pkg::command_t.address = 4096 is not in 0..4095");
  EXPECT_THAT(pack([](auto& c) { c.address = -1; }), HasSubstr("address = -1 is not in 0..4095"));
  EXPECT_THAT(pack([](auto& c) { c.flag = 2; }), HasSubstr("flag = 2 is not in 0..1"));
  EXPECT_THAT(pack([](auto& c) { c.sign = 1; }), HasSubstr("sign = 1 is not in -1..0"));
  EXPECT_EQ(pack([](auto& c) { c.sign = -1; }), "nothing refused");
  EXPECT_THAT(pack([](auto& c) { c.number = int64_t{1} << 31; }), HasSubstr("number = 2147483648"));
  EXPECT_THAT(pack([](auto& c) { c.clamp = static_cast<sb_pkg::clamp_e>(5); }),
              HasSubstr("clamp = 5 has no name"));
  EXPECT_EQ(pack([](auto& c) { c.second.bank = 4; }),
            "sb_words_test_pkg::inner_t.bank = 4 is not in 0..3");
}

TEST(WordsPack, WordsThatAreNoneAreRefusedByName) {
  words::Word<command_t::kBits> word{};
  EXPECT_EQ(command_t::unpack(word), command_t{});
  EXPECT_THAT(refusal([&] { command_t::unpack(std::span(word).first(10)); }),
              HasSubstr("command_t: 320 bits, must be 340"));
  command_t::each(command_t{}, [&](const words::Field& f, const auto& v) {
    using V = std::remove_cvref_t<decltype(v)>;
    auto bad = word;
    if constexpr (std::is_same_v<V, words::Reserved>) {
      tb::put_bits(bad, f.lsb + f.bits - 1, 1, 1);
      EXPECT_THAT(refusal([&] { command_t::unpack(bad); }), HasSubstr("reserved"));
    } else if constexpr (std::is_enum_v<V>) {
      tb::put_bits(bad, f.lsb, f.bits, 7);
      EXPECT_THAT(refusal([&] { command_t::unpack(bad); }), HasSubstr("clamp = 7 has no name"));
    }
  });
}

}  // namespace
}  // namespace sb
