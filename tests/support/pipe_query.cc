#include "tests/support/pipe_query.h"

#include <fcntl.h>
#include <stdlib.h>  // mkstemp
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/pipe_input.h"
#include "query/parse_query.h"

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
    std::ofstream(path_, std::ios::binary)
        .write(content.data(), static_cast<std::streamsize>(content.size()));
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// About equally many whole lines each; none of them empty.
std::vector<std::unique_ptr<TemporaryFile>> write_files(std::string_view lines, std::size_t files) {
  std::vector<std::unique_ptr<TemporaryFile>> written;
  while (files > 1 && !lines.empty()) {
    const std::size_t end = lines.find('\n', lines.size() / files);
    if (end == std::string_view::npos) break;
    written.push_back(std::make_unique<TemporaryFile>(lines.substr(0, end + 1)));
    lines.remove_prefix(end + 1);
    --files;
  }
  if (!lines.empty() || written.empty()) written.push_back(std::make_unique<TemporaryFile>(lines));
  return written;
}

std::optional<std::string> label(const std::string& value) {
  return value.empty() ? std::nullopt : std::optional(value);
}

// Rows as section 1.8 of the behaviour gives them: non-null fields and named nulls, in print order.
void append_rows(const event::EventBatch& batch, std::vector<std::string>& rows) {
  const std::vector<std::size_t> order = event::print_order(batch);
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    std::string json = "{";
    for (const std::size_t i : order) {
      const event::Field& field = batch.fields()[i];
      const event::ValueView value = field.column->view(row);
      if (value.is_null() && !field.prints_null(row)) continue;
      if (json.size() > 1) json += ',';
      event::append_json_string(field.name, json);
      json += ':';
      event::append_json(value, json);
    }
    rows.push_back(json + "}");
  }
}

// As the command line shows it, when it has a place in the query.
Error rendered(Error error, std::string_view text) {
  if (error.span)
    error.message = spl2::render_error(text, {*error.span, error.message, error.suggestion});
  return error;
}

}  // namespace

Result<PipeResult> run_pipe_query(std::string_view lines, std::string_view text,
                                  const PipeOptions& options) {
  auto parsed = query::parse_query(text);
  if (const auto* errors = std::get_if<std::vector<spl2::ParseError>>(&parsed))
    return Error{ErrorCode::kParse, spl2::render_error(text, errors->front())};
  const auto query = std::make_shared<const spl2::Query>(std::move(std::get<spl2::Query>(parsed)));

  const auto files = write_files(lines, options.files);
  query::QueryOptions query_options;
  query_options.memory_limit_bytes = options.memory_limit_bytes;
  query_options.threads = options.threads;
  query_options.spill_directory = std::filesystem::temp_directory_path().string();
  query_options.now_ns = options.now_ns;
  query_options.newest_first = options.newest_first;
  cli::PipeInput input;
  for (const auto& file : files) input.paths.push_back(file->path());
  input.parser.format = event::format_named(options.format).value_or(event::Format::kAuto);
  input.parser.receipt_ns = options.now_ns;
  input.parser.source = label(options.default_source);
  input.parser.sourcetype = label(options.sourcetype);
  input.parser.host = label(options.host);
  const query::OpenSource open = cli::open_pipe_input(std::move(input));
  PipeResult result;
  const auto started = query::start(query, query_options, open);
  if (!started.has_value()) return rendered(started.error(), text);
  const auto& running = *started;
  for (;;) {
    const auto batch = running->next();
    if (!batch.has_value()) return rendered(batch.error(), text);
    if (!*batch) break;
    append_rows(**batch, result.rows);
  }
  for (const spl2::Hint& hint : query->hints) result.hints.push_back(hint.message);
  for (std::string& hint : running->hints()) result.hints.push_back(std::move(hint));
  result.type = running->result_type();
  result.spilled_bytes = running->spilled_bytes();
  return result;
}

}  // namespace lynxdb::tests
