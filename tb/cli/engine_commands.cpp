// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/commands.h"

namespace sb::cli {

std::vector<AddCommand> commands() {
  return {add_encode,   add_eval,         add_info, add_layer,
          add_quantize, add_random_model, add_run,  add_tokenize};
}

}  // namespace sb::cli
