// Lines of a file or of standard input, in the portions in which they go to a server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lynxdb::cli {

struct LineBatch {
  std::string body;                    // Lines with their LF, none of them blank.
  std::vector<std::uint64_t> numbers;  // Of each line in its file, from 1.

  std::size_t lines() const { return numbers.size(); }
};

// Belongs to one thread. Holds a batch and at most a line beside it.
class LineBatches {
 public:
  struct Options {
    std::size_t lines_max = 5000;
    std::size_t batch_bytes_max = std::size_t{4} << 20U;
    // A longer line is passed over and counted: no server takes a body of more than this by
    // default.
    std::size_t line_bytes_max = std::size_t{9} << 20U;
  };

  // `descriptor` stays open and must outlive this.
  LineBatches(int descriptor, std::string name, Options options)
      : descriptor_(descriptor), name_(std::move(name)), options_(options) {}

  // The next batch, nullopt at the end. When nothing comes for a moment (a followed log), what is
  // there is a batch. Errors: kIo.
  Result<std::optional<LineBatch>> next();

  std::uint64_t bytes_read() const { return bytes_read_; }
  // Lines that were passed over so far, as they have been since the last call.
  std::vector<std::uint64_t> take_too_long() { return std::exchange(too_long_, {}); }

 private:
  enum class Taken { kLine, kNoLine, kBatchFull };

  Taken take_line(LineBatch& batch);
  Result<> read_more();
  bool comes_soon() const;

  const int descriptor_;
  const std::string name_;
  const Options options_;
  std::string buffer_;
  std::size_t position_ = 0;  // Where the next line begins.
  std::size_t searched_ = 0;  // No line end before this.
  bool at_end_ = false;
  bool passing_over_ = false;  // Within a line that is too long.
  std::uint64_t line_number_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::vector<std::uint64_t> too_long_;
};

}  // namespace lynxdb::cli
