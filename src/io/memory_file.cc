#include "io/memory_file.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <shared_mutex>
#include <utility>

namespace lynxdb::io {

struct MemoryFileSystem::Content {
  std::shared_mutex mutex;  // Readers of one file do not wait for each other.
  std::string bytes;
  std::int64_t modified_ns = 0;
};

namespace {

Error no_such(const std::string& what, const std::string& path) {
  return Error{ErrorCode::kNotFound, what + " " + path + ": No such file or directory"};
}

std::string parent_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

bool always_exists(const std::string& directory) {
  return directory.empty() || directory == "/" || directory == ".";
}

class MemoryFile final : public File {
 public:
  MemoryFile(std::string path, std::shared_ptr<MemoryFileSystem::Content> content, bool writable,
             const base::Clock& clock)
      : path_(std::move(path)), content_(std::move(content)), writable_(writable), clock_(clock) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    const std::shared_lock lock(content_->mutex);
    const std::string& bytes = content_->bytes;
    if (offset >= bytes.size() || out.empty()) return std::size_t{0};
    const std::size_t size = std::min<std::size_t>(out.size(), bytes.size() - offset);
    std::memcpy(out.data(), bytes.data() + offset, size);
    return size;
  }

  Result<> append(std::string_view bytes) override {
    if (!writable_) return read_only();
    const std::unique_lock lock(content_->mutex);
    content_->bytes.append(bytes);
    content_->modified_ns = clock_.wall_ns();
    return {};
  }

  Result<> truncate(std::uint64_t size_bytes) override {
    if (!writable_) return read_only();
    const std::unique_lock lock(content_->mutex);
    content_->bytes.resize(static_cast<std::size_t>(size_bytes));
    content_->modified_ns = clock_.wall_ns();
    return {};
  }

  Result<> sync() override { return {}; }

  Result<std::uint64_t> size() override {
    const std::shared_lock lock(content_->mutex);
    return std::uint64_t{content_->bytes.size()};
  }

 private:
  Error read_only() const { return Error{ErrorCode::kIo, "write " + path_ + ": opened to read"}; }

  const std::string path_;
  const std::shared_ptr<MemoryFileSystem::Content> content_;
  const bool writable_;
  const base::Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<File>> MemoryFileSystem::open(const std::string& path, OpenMode mode) {
  const base::MutexLock lock(mutex_);
  const auto known = files_.find(path);
  std::shared_ptr<Content> content = known == files_.end() ? nullptr : known->second;
  if (mode == OpenMode::kCreate) {
    if (content != nullptr) return Error{ErrorCode::kConflict, "open " + path + ": File exists"};
    const std::string parent = parent_of(path);
    if (!always_exists(parent) && !directories_.contains(parent)) return no_such("open", path);
    content = files_[path] = std::make_shared<Content>();
    content->modified_ns = clock_.wall_ns();
  }
  if (content == nullptr) return no_such("open", path);
  return std::unique_ptr<File>(
      new MemoryFile(path, std::move(content), mode != OpenMode::kRead, clock_));
}

Result<> MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const base::MutexLock lock(mutex_);
  const auto known = files_.find(from);
  if (known == files_.end()) return no_such("rename", from);
  std::shared_ptr<Content> content = std::move(known->second);
  files_.erase(known);
  files_[to] = std::move(content);
  return {};
}

Result<> MemoryFileSystem::remove(const std::string& path) {
  const base::MutexLock lock(mutex_);
  if (files_.erase(path) == 0) return no_such("remove", path);
  return {};
}

Result<> MemoryFileSystem::create_directories(const std::string& path) {
  const base::MutexLock lock(mutex_);
  for (std::string directory = path; !always_exists(directory); directory = parent_of(directory)) {
    if (files_.contains(directory)) {
      return Error{ErrorCode::kIo, "create directory " + directory + ": Not a directory"};
    }
    directories_.insert(directory);
  }
  return {};
}

Result<std::vector<std::string>> MemoryFileSystem::list(const std::string& directory) {
  const base::MutexLock lock(mutex_);
  if (!always_exists(directory) && !directories_.contains(directory)) {
    return no_such("list", directory);
  }
  std::vector<std::string> names;
  const auto add = [&](const std::string& path) {
    if (parent_of(path) == directory) names.push_back(std::filesystem::path(path).filename());
  };
  // Everything in a directory stands together; only deeper paths lie between.
  const std::string prefix = always_exists(directory) ? directory : directory + "/";
  for (auto file = files_.lower_bound(prefix); file != files_.end(); ++file) {
    if (!file->first.starts_with(prefix)) break;
    add(file->first);
  }
  for (auto path = directories_.lower_bound(prefix); path != directories_.end(); ++path) {
    if (!path->starts_with(prefix)) break;
    add(*path);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<FileStatus> MemoryFileSystem::status(const std::string& path) {
  const base::MutexLock lock(mutex_);
  if (always_exists(path) || directories_.contains(path)) return FileStatus{.is_directory = true};
  const auto known = files_.find(path);
  if (known == files_.end()) return no_such("stat", path);
  const std::shared_lock content_lock(known->second->mutex);
  return FileStatus{false, known->second->bytes.size(), known->second->modified_ns};
}

}  // namespace lynxdb::io
