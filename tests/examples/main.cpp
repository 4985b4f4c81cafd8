// SPDX-License-Identifier: Apache-2.0
// Drives example_top with nothing but Verilator: loads weights, sends rows, compares the results.
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "Vexample_top.h"

int main() {
  constexpr int rows = 5, inputs = 8, outputs = 4, lanes = 4;
  std::mt19937 random(1);
  auto int8 = [&random] { return static_cast<int8_t>(random()); };
  int8_t x[rows][inputs], w[outputs][inputs];
  int32_t bias[outputs];
  for (auto& row : x)
    for (auto& value : row) value = int8();
  for (auto& row : w)
    for (auto& value : row) value = int8();
  for (auto& value : bias) value = static_cast<int32_t>(random()) % 100000;

  auto pack = [](const int8_t* lane) {  // lane 0 in the low byte
    uint32_t word = 0;
    for (int i = lanes; i-- > 0;) word = word << 8 | static_cast<uint8_t>(lane[i]);
    return word;
  };
  std::vector<uint32_t> load, send;
  for (int k = 0; k < inputs; k += lanes)
    for (auto& row : w) load.push_back(pack(row + k));
  for (int32_t value : bias) load.insert(load.end(), {static_cast<uint32_t>(value), 0});
  for (int k = 0; k < inputs; k += lanes)
    for (auto& row : x) send.push_back(pack(row + k));

  Vexample_top top;
  top.rows_i = rows;
  size_t loaded = 0, sent = 0;
  int received = 0, wrong = 0;
  for (int cycle = 0; cycle < 1000 && received < rows; ++cycle) {
    top.rst_ni = cycle >= 2;
    top.w_valid_i = top.rst_ni && loaded < load.size();
    top.w_i = loaded < load.size() ? load[loaded] : 0;
    top.x_valid_i = top.rst_ni && loaded == load.size() && sent < send.size();
    top.x_i = sent < send.size() ? send[sent] : 0;
    top.x_last_i = sent + 1 == send.size();
    top.y_ready_i = random() % 4 != 0;  // a reader that is not always ready
    top.clk_i = 0;
    top.eval();
    const bool take_y = top.y_valid_o && top.y_ready_i;  // what the rising edge will do
    loaded += top.w_valid_i && top.w_ready_o;
    sent += top.x_valid_i && top.x_ready_o;
    for (int n = 0; take_y && n < outputs; ++n) {
      int32_t wanted = bias[n];
      for (int k = 0; k < inputs; ++k) wanted += x[received][k] * w[n][k];
      wrong += static_cast<int32_t>(top.y_o[n]) != wanted;
    }
    received += take_y;
    top.clk_i = 1;
    top.eval();
  }
  std::printf("%d of %d rows, %d results wrong\n", received, rows, wrong);
  return received == rows && wrong == 0 && !top.error_o ? 0 : 1;
}
