#include "tests/support/pipe_query.h"

#include <fcntl.h>
#include <stdlib.h>  // mkstemp
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "query/sources/line_source.h"
#include "spl2/parser.h"

namespace lynxdb::tests {
namespace {

// A file of its own for the lines, removed at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    std::string pattern = (std::filesystem::temp_directory_path() / "lynxdb-test-XXXXXX").string();
    const int fd = ::mkstemp(pattern.data());
    LYNXDB_CHECK(fd >= 0);
    ::close(fd);
    path_ = pattern;
    std::ofstream(path_, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Rows as section 1.8 of the behaviour gives them: non-null fields and named nulls, in print order.
void append_rows(const event::EventBatch& batch, std::vector<std::string>& rows) {
  const std::vector<std::size_t> order = event::print_order(batch);
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    std::string json = "{";
    for (const std::size_t i : order) {
      const event::Field& field = batch.fields()[i];
      const event::ValueView value = field.column->view(row);
      if (value.is_null() && !field.named) continue;
      if (json.size() > 1) json += ',';
      event::append_json_string(field.name, json);
      json += ':';
      event::append_json(value, json);
    }
    rows.push_back(json + "}");
  }
}

}  // namespace

Result<PipeResult> run_pipe_query(std::string_view lines, std::string_view text, const PipeOptions& options) {
  auto parsed = spl2::parse(text);
  if (const auto* errors = std::get_if<std::vector<spl2::ParseError>>(&parsed))
    return Error{ErrorCode::kParse, spl2::render_error(text, errors->front())};
  const auto query = std::make_shared<const spl2::Query>(std::move(std::get<spl2::Query>(parsed)));

  const TemporaryFile file(lines);
  query::QueryOptions query_options;
  query_options.memory_limit_bytes = options.memory_limit_bytes;
  query_options.threads = options.threads;
  query_options.spill_directory = std::filesystem::temp_directory_path().string();
  query_options.now_ns = options.now_ns;
  const auto open = [&](const std::vector<spl2::SourceName>&, const query::ScanRequest& request,
                        query::Execution& execution) {
    query::LineInput input;
    input.paths = {file.path()};
    input.parser.format = event::format_named(options.format).value_or(event::Format::kAuto);
    input.parser.receipt_ns = options.now_ns;
    input.parser.source = options.default_source;
    return query::open_lines(std::move(input), request, execution);
  };
  const auto running = TRY(query::start(query, query_options, open));
  PipeResult result;
  while (const std::optional<event::EventBatch> batch = TRY(running->next())) append_rows(*batch, result.rows);
  for (const spl2::Hint& hint : query->hints) result.hints.push_back(hint.message);
  for (std::string& hint : running->hints()) result.hints.push_back(std::move(hint));
  result.type = running->result_type();
  result.spilled_bytes = running->spilled_bytes();
  return result;
}

}  // namespace lynxdb::tests
