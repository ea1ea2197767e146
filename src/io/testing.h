// For tests of formats.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace lynxdb::io::testing {

// The bytes of the first ```hex block of a page; what follows `|` on a line is explanation.
inline std::string worked_bytes(const std::string& page_path) {
  std::ifstream page(page_path);
  std::string line;
  while (std::getline(page, line) && line != "```hex") {
  }
  std::string bytes;
  while (std::getline(page, line) && line != "```") {
    std::istringstream digits(line.substr(0, line.find('|')));
    for (std::string byte; digits >> byte;) {
      bytes.push_back(static_cast<char>(std::stoi(byte, nullptr, 16)));
    }
  }
  return bytes;
}

}  // namespace lynxdb::io::testing
