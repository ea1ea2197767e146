#include "instance/shutdown_mark.h"

#include <fstream>

#include "io/whole_file.h"

namespace lynxdb::instance {
namespace {

constexpr std::uint64_t kMarkBytesMax = 256;
constexpr std::string_view kInOrder = "stopped in order\n";

std::string mark_path(const std::string& directory) { return directory + "/last-life"; }

// Another one after each start of the machine; "" when it cannot be told.
std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string text;
  if (!std::getline(file, text)) return "";
  return "running since boot " + text;
}

}  // namespace

Result<bool> begin_life(io::FileSystem& files, const std::string& directory) {
  const std::string boot = boot_id();
  const auto before = io::read_file(files, mark_path(directory), kMarkBytesMax);
  if (!before && before.error().code != ErrorCode::kNotFound) return before.error();
  TRY(io::replace_file(files, mark_path(directory), boot));
  return before && (*before == kInOrder || (!boot.empty() && *before == boot));
}

Result<> end_life(io::FileSystem& files, const std::string& directory) {
  return io::replace_file(files, mark_path(directory), kInOrder);
}

}  // namespace lynxdb::instance
