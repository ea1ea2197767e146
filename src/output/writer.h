// Rows to text. One writer per format; writer_factory.cc chooses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"
#include "output/output_buffer.h"
#include "query/spill.h"

namespace lynxdb::output {

enum class OutputFormat : std::uint8_t { kAuto, kJson, kNdjson, kTable, kCsv, kTsv, kRaw };

// "auto", "json", ...; kInvalidArgument with the nearest name otherwise.
Result<OutputFormat> output_format_named(std::string_view name);
std::vector<std::string_view> output_format_names();

struct WriterOptions {
  OutputFormat format = OutputFormat::kAuto;
  bool terminal = false;          // The output is a terminal...
  bool color = false;             // ...and colours are wanted.
  std::size_t width = 80;         // Of the terminal, in columns.
  bool aggregate_result = false;  // Rows are stats-like results, or asked for as a table.
  // All columns of the result, when the pipeline names them all: lets csv start with the first row.
  std::optional<std::vector<std::string>> columns;
  // Formats that need all rows before the first keep this much of them in memory, the rest on disk.
  std::size_t buffer_bytes_max = 64U << 20U;
};

// Belongs to one thread. Without any row nothing is written, whatever the format.
// Errors: those of the sink; kIo, kOutOfBudget of the spill space.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual Result<> write(const event::EventBatch& batch) = 0;
  // Writes what needed all rows. Does not flush the buffer.
  virtual Result<> finish() { return {}; }
  // After finish(): how many rows were written, when it is not one for each row given.
  virtual std::optional<std::uint64_t> rows_written() const { return std::nullopt; }
};

// `out` and `spill` must outlive the writer.
std::unique_ptr<Writer> make_writer(const WriterOptions& options, OutputBuffer& out,
                                    query::SpillSpace& spill);

// --- One maker per format, for make_writer and tests ---------------------------------------------
std::unique_ptr<Writer> make_ndjson_writer(OutputBuffer& out);
std::unique_ptr<Writer> make_raw_writer(OutputBuffer& out);
std::unique_ptr<Writer> make_table_writer(const WriterOptions& options, bool bare_single_value,
                                          OutputBuffer& out, query::SpillSpace& spill);
std::unique_ptr<Writer> make_delimited_writer(const WriterOptions& options, OutputBuffer& out,
                                              query::SpillSpace& spill);
// Indented objects, or with `numbered` one line each after `#1`, `#2`...
std::unique_ptr<Writer> make_terminal_json_writer(bool numbered, bool color, OutputBuffer& out);

}  // namespace lynxdb::output
