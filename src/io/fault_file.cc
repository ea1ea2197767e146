#include "io/fault_file.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <random>
#include <utility>

#include "base/check.h"

namespace lynxdb::io {
namespace {

Error io_error(const std::string& what) { return Error{ErrorCode::kIo, what}; }

std::string parent_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

bool always_exists(const std::string& directory) {
  return directory.empty() || directory == "/" || directory == ".";
}

// What a power cut may leave of a file that was `synced` and then became `written`.
std::string torn(const std::string& synced, const std::string& written, std::mt19937_64& random) {
  if (!written.starts_with(synced)) return (random() & 1U) != 0 ? written : synced;
  const std::size_t tail = written.size() - synced.size();
  const std::size_t kept = tail == 0 ? 0 : random() % (tail + 1);
  std::string result = written.substr(0, synced.size() + kept);
  switch (random() % 3) {
    case 0:  // The file was not yet longer.
      return result;
    case 1:  // It was, but the blocks were not yet written.
      result.append(tail - kept, '\0');
      return result;
    default:
      while (result.size() < written.size()) result.push_back(static_cast<char>(random()));
      return result;
  }
}

}  // namespace

class FaultFile final : public File {
 public:
  FaultFile(FaultFileSystem& disk, std::string path,
            std::shared_ptr<FaultFileSystem::Content> content, bool writable, std::uint64_t crashes)
      : disk_(disk),
        path_(std::move(path)),
        content_(std::move(content)),
        writable_(writable),
        crashes_(crashes) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    const base::MutexLock lock(disk_.mutex_);
    if (crashes_ != disk_.crashes_) return io_error("read " + path_ + ": crashed since");
    const std::string& bytes = content_->written;
    if (offset >= bytes.size() || out.empty()) return std::size_t{0};
    const std::size_t size = std::min<std::size_t>(out.size(), bytes.size() - offset);
    std::memcpy(out.data(), bytes.data() + offset, size);
    return size;
  }

  Result<> append(std::string_view bytes) override {
    const base::MutexLock lock(disk_.mutex_);
    if (crashes_ != disk_.crashes_) return unusable("write", "crashed since");
    if (!writable_) return unusable("write", "opened to read");
    if (content_->sync_failed) return unusable("write", "an earlier sync failed");
    auto done = disk_.append(*content_, bytes);
    if (!done) return std::move(done).error().in("write " + path_);
    return {};
  }

  Result<> truncate(std::uint64_t size_bytes) override {
    const base::MutexLock lock(disk_.mutex_);
    if (crashes_ != disk_.crashes_) return unusable("truncate", "crashed since");
    if (!writable_) return unusable("truncate", "opened to read");
    if (content_->sync_failed) return unusable("truncate", "an earlier sync failed");
    auto begun = disk_.begin_change();
    if (!begun) return std::move(begun).error().in("truncate " + path_);
    content_->written.resize(static_cast<std::size_t>(size_bytes));
    content_->modified_ns = disk_.wall_ns_;
    return {};
  }

  Result<> sync() override {
    const base::MutexLock lock(disk_.mutex_);
    if (crashes_ != disk_.crashes_) return unusable("sync", "crashed since");
    if (content_->sync_failed) return unusable("sync", "an earlier sync failed");
    auto done = disk_.sync(path_, *content_);
    if (!done) return std::move(done).error().in("sync " + path_);
    return {};
  }

  Result<std::uint64_t> size() override {
    const base::MutexLock lock(disk_.mutex_);
    if (crashes_ != disk_.crashes_) return io_error("stat " + path_ + ": crashed since");
    return std::uint64_t{content_->written.size()};
  }

 private:
  Error unusable(const std::string& what, const std::string& why) const {
    return io_error(what + " " + path_ + ": " + why);
  }

  FaultFileSystem& disk_;
  const std::string path_;
  const std::shared_ptr<FaultFileSystem::Content> content_;
  const bool writable_;
  const std::uint64_t crashes_;
};

FaultFileSystem::FaultFileSystem() = default;
FaultFileSystem::~FaultFileSystem() = default;

// --- FileSystem ----------------------------------------------------------------------------------

Result<std::unique_ptr<File>> FaultFileSystem::open(const std::string& path, OpenMode mode) {
  const base::MutexLock lock(mutex_);
  const auto known = files_.find(path);
  if (mode == OpenMode::kCreate) {
    if (known != files_.end()) return Error{ErrorCode::kConflict, "open " + path + ": File exists"};
    const std::string parent = parent_of(path);
    if (!always_exists(parent) && !directories_.contains(parent)) {
      return Error{ErrorCode::kNotFound, "open " + path + ": No such file or directory"};
    }
    TRY(begin_change());
    files_[path] = std::make_shared<Content>();
    files_[path]->modified_ns = wall_ns_;
  } else if (known == files_.end()) {
    return Error{ErrorCode::kNotFound, "open " + path + ": No such file or directory"};
  }
  const bool writable = mode != OpenMode::kRead;
  return std::unique_ptr<File>(new FaultFile(*this, path, files_.at(path), writable, crashes_));
}

Result<> FaultFileSystem::rename(const std::string& from, const std::string& to) {
  const base::MutexLock lock(mutex_);
  const auto known = files_.find(from);
  if (known == files_.end()) {
    return Error{ErrorCode::kNotFound, "rename " + from + ": No such file or directory"};
  }
  TRY(begin_change());
  const std::shared_ptr<Content> content = known->second;
  files_.erase(known);
  files_[to] = content;
  sync_names_of(parent_of(to));
  sync_names_of(parent_of(from));
  return {};
}

Result<> FaultFileSystem::remove(const std::string& path) {
  const base::MutexLock lock(mutex_);
  const auto known = files_.find(path);
  if (known == files_.end()) {
    return Error{ErrorCode::kNotFound, "remove " + path + ": No such file or directory"};
  }
  TRY(begin_change());
  if (known->second->name_synced) removed_[path] = known->second->synced;
  files_.erase(known);
  return {};
}

Result<> FaultFileSystem::create_directories(const std::string& path) {
  const base::MutexLock lock(mutex_);
  for (std::string directory = path; !always_exists(directory); directory = parent_of(directory)) {
    if (files_.contains(directory)) {
      return io_error("create directory " + directory + ": Not a directory");
    }
    directories_.insert(directory);
  }
  return {};
}

Result<std::vector<std::string>> FaultFileSystem::list(const std::string& directory) {
  const base::MutexLock lock(mutex_);
  if (!always_exists(directory) && !directories_.contains(directory)) {
    return Error{ErrorCode::kNotFound, "list " + directory + ": No such file or directory"};
  }
  std::vector<std::string> names;
  const auto add = [&](const std::string& path) {
    if (parent_of(path) == directory) names.push_back(std::filesystem::path(path).filename());
  };
  for (const auto& file : files_) add(file.first);
  for (const std::string& path : directories_) add(path);
  std::sort(names.begin(), names.end());
  return names;
}

Result<FileStatus> FaultFileSystem::status(const std::string& path) {
  const base::MutexLock lock(mutex_);
  FileStatus status;
  const auto known = files_.find(path);
  if (known != files_.end()) {
    status.size_bytes = known->second->written.size();
    status.modified_ns = known->second->modified_ns;
    return status;
  }
  if (!always_exists(path) && !directories_.contains(path)) {
    return Error{ErrorCode::kNotFound, "stat " + path + ": No such file or directory"};
  }
  status.is_directory = true;
  return status;
}

// --- Changes -------------------------------------------------------------------------------------

Result<> FaultFileSystem::begin_change() {
  if (faults_.changes_left) {
    if (*faults_.changes_left == 0) return io_error("stopped, as the test ordered");
    --*faults_.changes_left;
  }
  ++changes_;
  return {};
}

Result<> FaultFileSystem::append(Content& content, std::string_view bytes) {
  TRY(begin_change());
  content.modified_ns = wall_ns_;
  if (faults_.appends_left && (*faults_.appends_left)-- == 0) {
    faults_.appends_left.reset();
    content.written.append(bytes.substr(0, static_cast<std::size_t>(faults_.failing_append_bytes)));
    return io_error("Input/output error");
  }
  if (!faults_.free_bytes) {
    content.written.append(bytes);
    return {};
  }
  const auto fits = std::min<std::uint64_t>(*faults_.free_bytes, bytes.size());
  *faults_.free_bytes -= fits;
  content.written.append(bytes.substr(0, static_cast<std::size_t>(fits)));
  if (fits < bytes.size()) return io_error("No space left on device");
  return {};
}

Result<> FaultFileSystem::sync(const std::string& path, Content& content) {
  TRY(begin_change());
  if (faults_.syncs_left && (*faults_.syncs_left)-- == 0) {
    faults_.syncs_left.reset();
    content.sync_failed = true;
    content.lost_begin = content.synced.size();
    content.lost_end = content.written.size();
    return io_error("Input/output error");
  }
  content.synced = content.written;
  // The system took these for written and never tries again, whoever syncs later.
  for (std::size_t i = content.lost_begin; i < content.lost_end && i < content.synced.size(); ++i) {
    content.synced[i] = '\0';
  }
  if (!content.name_synced) sync_names_of(parent_of(path));
  return {};
}

void FaultFileSystem::sync_names_of(const std::string& directory) {
  for (const auto& [path, content] : files_) {
    if (parent_of(path) == directory) content->name_synced = true;
  }
  std::erase_if(removed_, [&](const auto& file) { return parent_of(file.first) == directory; });
}

void FaultFileSystem::set_wall_ns(std::int64_t wall_ns) {
  const base::MutexLock lock(mutex_);
  wall_ns_ = wall_ns;
}

// --- Orders --------------------------------------------------------------------------------------

void FaultFileSystem::set_free_bytes(std::uint64_t bytes) {
  const base::MutexLock lock(mutex_);
  faults_.free_bytes = bytes;
}

void FaultFileSystem::fail_append(std::uint64_t appends, std::uint64_t written_bytes) {
  const base::MutexLock lock(mutex_);
  faults_.appends_left = appends;
  faults_.failing_append_bytes = written_bytes;
}

void FaultFileSystem::fail_sync(std::uint64_t syncs) {
  const base::MutexLock lock(mutex_);
  faults_.syncs_left = syncs;
}

void FaultFileSystem::stop_after(std::uint64_t changes) {
  const base::MutexLock lock(mutex_);
  faults_.changes_left = changes;
}

std::uint64_t FaultFileSystem::changes() const {
  const base::MutexLock lock(mutex_);
  return changes_;
}

// --- Crashes -------------------------------------------------------------------------------------

// Files get new contents: those that are still open keep the old ones, and are dead anyway.
void FaultFileSystem::start_again() {
  for (auto& [path, content] : files_) {
    auto fresh = std::make_shared<Content>();
    fresh->written = fresh->synced = content->written;
    fresh->modified_ns = content->modified_ns;
    fresh->name_synced = true;
    content = std::move(fresh);
  }
  removed_.clear();
  faults_ = {};
  ++crashes_;
}

void FaultFileSystem::crash() {
  const base::MutexLock lock(mutex_);
  std::erase_if(files_, [](const auto& file) { return !file.second->name_synced; });
  for (const auto& [path, content] : files_) content->written = content->synced;
  start_again();
}

void FaultFileSystem::crash_torn(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const base::MutexLock lock(mutex_);
  std::erase_if(
      files_, [&](const auto& file) { return !file.second->name_synced && (random() & 1U) != 0; });
  for (const auto& [path, content] : files_) {
    content->written = torn(content->synced, content->written, random);
  }
  for (const auto& [path, synced] : removed_) {
    if (files_.contains(path) || (random() & 1U) != 0) continue;
    files_[path] = std::make_shared<Content>();
    files_[path]->written = synced;
  }
  start_again();
}

void FaultFileSystem::kill_process() {
  const base::MutexLock lock(mutex_);
  for (auto& [path, content] : files_) {
    // The dead process's files keep what they were, this one goes on: same bytes, new life.
    content = std::make_shared<Content>(*content);
    content->sync_failed = false;
  }
  faults_ = {};
  ++crashes_;
}

// --- Surgery -------------------------------------------------------------------------------------

bool FaultFileSystem::exists(const std::string& path) const {
  const base::MutexLock lock(mutex_);
  return files_.contains(path);
}

std::string FaultFileSystem::contents(const std::string& path) const {
  const base::MutexLock lock(mutex_);
  const auto known = files_.find(path);
  LYNXDB_CHECK(known != files_.end());
  return known->second->written;
}

void FaultFileSystem::set_contents(const std::string& path, std::string_view bytes) {
  const base::MutexLock lock(mutex_);
  auto content = std::make_shared<Content>();
  content->written = content->synced = std::string(bytes);
  content->modified_ns = wall_ns_;
  content->name_synced = true;
  files_[path] = std::move(content);
}

void FaultFileSystem::flip_bit(const std::string& path, std::uint64_t bit) {
  const base::MutexLock lock(mutex_);
  const auto known = files_.find(path);
  LYNXDB_CHECK(known != files_.end() && bit / 8 < known->second->written.size());
  const auto flip = [&](std::string& bytes) {
    if (bit / 8 < bytes.size())
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  };
  flip(known->second->written);
  flip(known->second->synced);
}

}  // namespace lynxdb::io
