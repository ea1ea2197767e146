#include "io/object_walk.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace lynxdb::io {
namespace {

// As many as a key can have, so that a loop of links ends.
constexpr int kDepthMax = 450;

struct Entry {
  std::string key;  // A directory's ends in '/', which puts it where its objects belong.
  FileStatus status;
};

class Walk {
 public:
  Walk(FileSystem& file_system, std::string root, std::string_view prefix, std::string_view after,
       std::size_t limit)
      : file_system_(file_system),
        root_(std::move(root)),
        prefix_(prefix),
        after_(after),
        limit_(limit) {}

  // `key` is "" or ends in '/'.
  Result<> directory(const std::string& key, int depth) {
    if (depth > kDepthMax) return {};
    for (const Entry& entry : TRY(entries(key))) {
      if (page_.more) return {};
      if (entry.status.is_directory) {
        TRY(directory(entry.key, depth + 1));
      } else if (page_.objects.size() == limit_) {
        page_.more = true;
      } else {
        page_.objects.push_back({entry.key, entry.status.size_bytes, entry.status.modified_ns});
      }
    }
    return {};
  }

  ObjectPage take() && { return std::move(page_); }

 private:
  bool wants_file(std::string_view key) const { return key.starts_with(prefix_) && key > after_; }

  // Whether there may be wanted keys that begin with `key`.
  bool wants_directory(std::string_view key) const {
    if (!key.starts_with(prefix_) && !prefix_.starts_with(key)) return false;
    return key > after_ || after_.starts_with(key);
  }

  // What is wanted of a directory, sorted by key; nothing when it went away meanwhile.
  Result<std::vector<Entry>> entries(const std::string& key) {
    auto names =
        file_system_.list(key.empty() ? root_ : root_ + "/" + key.substr(0, key.size() - 1));
    if (!names && names.error().code == ErrorCode::kNotFound) return std::vector<Entry>();
    std::vector<Entry> found;
    for (const std::string& name : TRY(std::move(names))) {
      if (auto entry = TRY(entry_of(key, name))) found.push_back(std::move(*entry));
    }
    std::sort(found.begin(), found.end(),
              [](const Entry& a, const Entry& b) { return a.key < b.key; });
    return found;
  }

  Result<std::optional<Entry>> entry_of(const std::string& directory, const std::string& name) {
    Entry entry;
    entry.key = directory + name;
    const bool as_file = wants_file(entry.key);
    const bool as_directory = wants_directory(entry.key + "/");
    if (!as_file && !as_directory) return std::optional<Entry>();
    if (!check_object_key(entry.key)) return std::optional<Entry>();  // Not one of ours.
    auto status = file_system_.status(root_ + "/" + entry.key);
    if (!status && status.error().code == ErrorCode::kNotFound) return std::optional<Entry>();
    entry.status = TRY(std::move(status));
    if (entry.status.is_directory) entry.key += "/";
    if (entry.status.is_directory ? !as_directory : !as_file) return std::optional<Entry>();
    return std::optional<Entry>(std::move(entry));
  }

  FileSystem& file_system_;
  const std::string root_;
  const std::string_view prefix_;
  const std::string_view after_;
  const std::size_t limit_;
  ObjectPage page_;
};

}  // namespace

Result<ObjectPage> walk_objects(FileSystem& file_system, const std::string& directory,
                                std::string_view prefix, std::string_view after,
                                std::size_t limit) {
  Walk walk(file_system, directory, prefix, after, limit);
  TRY(walk.directory("", 0));
  return std::move(walk).take();
}

}  // namespace lynxdb::io
