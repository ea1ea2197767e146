// The answer of /query/stream, line by line: rows, then a last line that says how it went.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "client/server_error.h"

namespace lynxdb::client {

struct StreamEnd {
  std::optional<std::uint64_t> total;
  std::optional<std::uint64_t> scanned;
  std::vector<std::string> hints;
  // Why the rows are not all that there are (partial_results), for people; "" = they are.
  std::string partial;
};

// Belongs to one thread. Holds the unfinished line, at most `line_bytes_max`.
class RowStream {
 public:
  // A row's JSON text without its line end; borrowed for the call.
  using OnRow = std::function<Result<>(std::string_view line)>;

  explicit RowStream(OnRow on_row, std::size_t line_bytes_max = std::size_t{256} << 20U)
      : on_row_(std::move(on_row)), line_bytes_max_(line_bytes_max) {}

  // Errors: those of on_row; kOutOfBudget.
  Result<> add(std::string_view bytes);

  // After the last byte. Errors: kIo when the stream was cut: it ended without its last line. An
  // error that the server reported there is in `failure()`, and end() is a success.
  Result<StreamEnd> end();
  const std::optional<ServerError>& failure() const { return failure_; }

 private:
  Result<> take_line(std::string_view line);

  const OnRow on_row_;
  const std::size_t line_bytes_max_;
  std::string rest_;
  // Looks like the last line, which only the end of the stream can tell: a row may have such a
  // field.
  std::optional<std::string> held_;
  std::optional<ServerError> failure_;
};

}  // namespace lynxdb::client
