// SPDX-License-Identifier: Apache-2.0
// Where the words of a command lie, as sums and products: what the walkers of the engine come to
// step by step (reader_walk, key_walk, issue_walk, drain_walk, load_walk). M is 4 there.
package walk_pkg;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;

  localparam int unsigned M = 4;
  // Most blocks of a proof: products of a few bits are easy for the solver.
  localparam int unsigned BlockBits = 2;

  // Row 0 of a block.
  function automatic logic [AddrBits-1:0] block_addr(region_t region, logic [15:0] block);
    logic [BlockBits-1:0] steps;
    steps = BlockBits'(block < region.split ? block : block - region.split);
    return (block < region.split ? region.base : region.base2) + AddrBits'(steps) * region.stride;
  endfunction
  function automatic place_t place_of(region_t region, logic [15:0] block, logic [15:0] row);
    place_of.part  = block >= region.split;
    place_of.bank  = region.bank != place_of.part;
    place_of.block = block_addr(region, block);
    place_of.addr  = place_of.block + row;
  endfunction

  // Keys from number `first` on, and how many of them are in a word or tile that begins there.
  function automatic logic [15:0] keys_from(logic [15:0] keys, logic [15:0] first);
    return keys > first ? keys - first : '0;
  endfunction
  function automatic logic [15:0] at_most_m(logic [15:0] count);
    return count > 16'(M) ? 16'(M) : count;
  endfunction

  function automatic logic few(logic [15:0] blocks);
    return blocks != '0 && blocks < 16'(1 << BlockBits);
  endfunction
endpackage
