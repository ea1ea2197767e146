// The files of LocalMetadata: snapshot-V holds the state of version V, log-N the commands from the
// one that made version N on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/file.h"
#include "io/record_log.h"
#include "metadata/state.h"

namespace lynxdb::metadata {

std::string snapshot_path(const std::string& directory, Version version);
std::string log_path(const std::string& directory, Version first);

struct LoadedMetadata {
  State state;
  // The log that goes on, when there is one.
  std::string log_path;
  io::LogEnd log_end;
};

// The newest state that snapshot and logs make. Errors: kCorruption, kIo.
Result<LoadedMetadata> load_metadata(io::FileSystem& files, const std::string& directory);

// Makes `state` what load_metadata() finds in a directory without other files of ours.
Result<> write_snapshot(io::FileSystem& files, const std::string& directory, const State& state);

// Gives all files of ours names that end in `suffix`, in place of such files of earlier times:
// there is then no state.
Result<> set_aside(io::FileSystem& files, const std::string& directory, std::string_view suffix);
Result<> remove_all(io::FileSystem& files, const std::string& directory);

// Removes what a snapshot of `version` made needless.
Result<> remove_before(io::FileSystem& files, const std::string& directory, Version version);

}  // namespace lynxdb::metadata
