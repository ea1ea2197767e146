// Where output bytes end up: standard output, or a file that appears only when it is complete.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lynxdb::output {

// Belongs to one thread. After an error nothing more is written.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  // Writes all of `bytes` (kIo), or finds that nobody reads any more (kCancelled, reader_gone()).
  virtual Result<> write(std::string_view bytes) = 0;
  // Makes what was written final. Destroying a sink without it discards what can be discarded.
  virtual Result<> commit() = 0;
  // The reader closed its end (`| head`): not a failure, only a reason to stop.
  virtual bool reader_gone() const { return false; }
};

// Writes to an open descriptor, which stays open. `name` is for messages.
std::unique_ptr<ByteSink> descriptor_sink(int descriptor, std::string name);

// Writes beside `path` and renames on commit, so that a failed query leaves an older file as it
// was. A symbolic link is followed. What is no regular file (a FIFO, /dev/null) is written
// directly. Errors: kIo.
Result<std::unique_ptr<ByteSink>> file_sink(const std::string& path);

// Removes the temporary file of the running file_sink, if there is one. Async-signal-safe: for a
// process that must end at once.
void discard_unfinished_file();

}  // namespace lynxdb::output
