// The program: from the arguments to the exit code.
#pragma once

#include <string>
#include <vector>

namespace lynxdb::cli {

// `arguments` without the program's name. Uses the standard streams of the process.
int run(std::vector<std::string> arguments);

}  // namespace lynxdb::cli
