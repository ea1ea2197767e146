// The `lynxdb` program.
#include <string>
#include <vector>

#include "cli/app.h"

int main(int argc, char** argv) {
  return lynxdb::cli::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
