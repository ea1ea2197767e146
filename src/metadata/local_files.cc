#include "metadata/local_files.h"

#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "io/whole_file.h"
#include "metadata/command.h"

namespace lynxdb::metadata {
namespace {

constexpr std::string_view kSnapshotPrefix = "snapshot-";
constexpr std::string_view kLogPrefix = "log-";
constexpr std::uint64_t kSnapshotBytesMax = std::uint64_t{1} << 30U;

// The number in a name made of `prefix` and 20 digits: names sort as their numbers do.
std::optional<Version> number_in(std::string_view name, std::string_view prefix) {
  constexpr std::size_t kDigits = 20;
  if (!name.starts_with(prefix) || name.size() != prefix.size() + kDigits) return std::nullopt;
  Version number = 0;
  const char* end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + prefix.size(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

std::vector<Version> numbers(const std::vector<std::string>& names, std::string_view prefix) {
  std::vector<Version> found;
  for (const std::string& name : names) {
    if (const auto number = number_in(name, prefix)) found.push_back(*number);
  }
  return found;
}

Result<std::vector<std::string>> our_files(io::FileSystem& files, const std::string& directory) {
  std::vector<std::string> names = TRY(files.list(directory));
  std::erase_if(names, [](const std::string& name) {
    return !number_in(name, kSnapshotPrefix) && !number_in(name, kLogPrefix);
  });
  return names;
}

Result<State> load_snapshot(io::FileSystem& files, const std::string& path, Version version) {
  auto bytes = TRY(io::read_file(files, path, kSnapshotBytesMax));
  auto state = decode_state(bytes);
  if (!state) return std::move(state).error().in(path);
  if (state->version != version) {
    return Error{ErrorCode::kCorruption, path + ": holds another version"};
  }
  return state;
}

// Applies the commands of one log that `loaded` does not have yet.
Result<> replay_log(io::FileSystem& files, const std::string& path, LoadedMetadata& loaded) {
  auto log = TRY(io::RecordLogReader::open(files, path, io::LogKind::kMetadata));
  if (log.is_unfinished()) return files.remove(path);
  if (log.first_sequence() > loaded.state.version + 1) {
    return Error{ErrorCode::kCorruption,
                 fmt::format("{}: begins with version {}, but the files before it end at {}", path,
                             log.first_sequence(), loaded.state.version)};
  }
  while (const auto record = TRY(log.next())) {
    if (record->sequence <= loaded.state.version) continue;
    const std::string where = fmt::format("{}: version {}", path, record->sequence);
    auto command = decode_command(record->payload);
    if (!command) return std::move(command).error().in(where);
    auto next = apply_command(loaded.state, *command);
    if (!next) {
      // It was applied once: the log is not what it was.
      return Error{ErrorCode::kCorruption, next.error().message}.in(where);
    }
    loaded.state = *std::move(next);
  }
  // A log that ends before the snapshot cannot go on: the next record's number would be wrong.
  if (log.end().next_sequence == loaded.state.version + 1) {
    loaded.log_path = path;
    loaded.log_end = log.end();
  }
  return {};
}

}  // namespace

std::string snapshot_path(const std::string& directory, Version version) {
  return fmt::format("{}/{}{:020}", directory, kSnapshotPrefix, version);
}

std::string log_path(const std::string& directory, Version first) {
  return fmt::format("{}/{}{:020}", directory, kLogPrefix, first);
}

Result<LoadedMetadata> load_metadata(io::FileSystem& files, const std::string& directory) {
  LoadedMetadata loaded;
  const std::vector<std::string> names = TRY(files.list(directory));
  const std::vector<Version> snapshots = numbers(names, kSnapshotPrefix);
  if (!snapshots.empty()) {
    const Version newest = snapshots.back();
    loaded.state = TRY(load_snapshot(files, snapshot_path(directory, newest), newest));
  }
  for (const Version first : numbers(names, kLogPrefix)) {
    loaded.log_path.clear();
    TRY(replay_log(files, log_path(directory, first), loaded));
  }
  return loaded;
}

Result<> write_snapshot(io::FileSystem& files, const std::string& directory, const State& state) {
  std::string bytes;
  encode(state, bytes);
  return io::replace_file(files, snapshot_path(directory, state.version), bytes);
}

Result<> set_aside(io::FileSystem& files, const std::string& directory, std::string_view suffix) {
  for (const std::string& name : TRY(our_files(files, directory))) {
    const std::string path = directory + "/" + name;
    TRY(files.rename(path, path + std::string(suffix)));
  }
  return {};
}

Result<> remove_all(io::FileSystem& files, const std::string& directory) {
  for (const std::string& name : TRY(our_files(files, directory)))
    TRY(files.remove(directory + "/" + name));
  return {};
}

Result<> remove_before(io::FileSystem& files, const std::string& directory, Version version) {
  const std::vector<std::string> names = TRY(files.list(directory));
  for (const Version first : numbers(names, kLogPrefix)) {
    if (first <= version) TRY(files.remove(log_path(directory, first)));
  }
  for (const Version snapshot : numbers(names, kSnapshotPrefix)) {
    if (snapshot < version) TRY(files.remove(snapshot_path(directory, snapshot)));
  }
  return {};
}

}  // namespace lynxdb::metadata
