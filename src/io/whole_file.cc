#include "io/whole_file.h"

#include <memory>
#include <span>

namespace lynxdb::io {

Result<std::string> read_file(FileSystem& files, const std::string& path, std::uint64_t bytes_max) {
  const auto file = TRY(files.open(path, OpenMode::kRead));
  const std::uint64_t size = TRY(file->size());
  if (size > bytes_max) {
    return Error{ErrorCode::kOutOfBudget, path + ": has " + std::to_string(size) +
                                              " bytes, more than the limit of " +
                                              std::to_string(bytes_max)};
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  bytes.resize(TRY(file->read_at(0, std::as_writable_bytes(std::span(bytes)))));
  return bytes;
}

Result<> replace_file(FileSystem& files, const std::string& path, std::string_view bytes) {
  const std::string unfinished = path + ".tmp";
  auto removed = files.remove(unfinished);  // Of a writer that died.
  if (!removed && removed.error().code != ErrorCode::kNotFound) return removed;
  {
    const auto file = TRY(files.open(unfinished, OpenMode::kCreate));
    TRY(file->append(bytes));
    TRY(file->sync());
  }
  return files.rename(unfinished, path);
}

}  // namespace lynxdb::io
