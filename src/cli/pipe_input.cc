#include "cli/pipe_input.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "base/suggest.h"
#include "config/setting_keys.h"
#include "output/byte_sink.h"
#include "query/sources/line_source.h"

namespace lynxdb::cli {
namespace {

constexpr std::string_view kMainIndex = "main";

class EmptySource final : public query::Source {
 public:
  Result<std::optional<event::EventBatch>> next() override {
    return std::optional<event::EventBatch>();
  }
  Progress progress() const override { return {}; }
};

bool names_main(const spl2::SourceName& source) {
  if (!source.glob) return source.name == kMainIndex;
  return ::fnmatch(source.name.c_str(), std::string(kMainIndex).c_str(), 0) == 0;
}

std::string no_such_index(const std::string& name) {
  constexpr std::array<std::string_view, 1> kKnown = {kMainIndex};
  if (const auto nearest = base::suggest(name, kKnown))
    return "no index '" + name + "'; did you mean '" + *nearest + "'?";
  return "no index '" + name +
         "': files and standard input are the index main (to filter by label: source=" + name + ")";
}

// True when the input is read. Other names are reported: they give no rows.
bool wants_input(const std::vector<spl2::SourceName>& names, query::Hints& hints) {
  if (names.empty()) return true;
  bool wanted = false;
  for (const spl2::SourceName& source : names) {
    if (names_main(source))
      wanted = true;
    else
      hints.add(no_such_index(source.name));
  }
  return wanted;
}

Result<event::ParserOptions> parser_options(const Session& session, std::int64_t now_ns) {
  const config::Settings& settings = session.settings;
  event::ParserOptions options;
  options.receipt_ns = now_ns;
  options.line_bytes_max =
      static_cast<std::size_t>(settings.bytes("ingest.max_line_bytes", options.line_bytes_max));
  options.fields_max =
      static_cast<std::size_t>(settings.bytes("ingest.max_fields_per_event", options.fields_max));
  if (const config::Settings::Value* zone = settings.find("ingest.default_timezone")) {
    const std::optional<std::int32_t> offset = config::parse_zone_offset(zone->text);
    if (!offset)
      return Error{ErrorCode::kInvalidArgument,
                   zone->origin + ": '" + zone->text + "' is no time zone",
                   "use UTC or an offset such as +02:00"};
    options.zone_offset_s = *offset;
  }
  options.source = session.arguments.source;
  if (!options.source)
    if (const config::Settings::Value* source = settings.find("default_source"))
      options.source = source->text;
  options.sourcetype = session.arguments.sourcetype;
  if (options.sourcetype)
    options.format = event::format_named(*options.sourcetype).value_or(event::Format::kAuto);
  // `auto` is a way to read, no label.
  if (options.sourcetype == "auto") options.sourcetype.reset();
  return options;
}

// A regular file at its start that can be opened once more: each scan gets a position of its own.
bool standard_input_is_rereadable() {
  struct stat status{};
  const bool at_start = ::fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode) &&
                        ::lseek(STDIN_FILENO, 0, SEEK_CUR) == 0;
  if (!at_start) return false;
  const int again = ::open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC);
  if (again >= 0) ::close(again);
  return again >= 0;
}

Error io_error(const std::string& what) {
  return Error{ErrorCode::kIo, what + ": " + std::strerror(errno)};
}

Result<> copy_standard_input(output::ByteSink& out, std::uint64_t bytes_max) {
  std::vector<char> buffer(std::size_t{256} << 10U);
  std::uint64_t total = 0;
  while (true) {
    const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("cannot read standard input");
    if (n == 0) return {};
    total += static_cast<std::uint64_t>(n);
    if (total > bytes_max)
      return Error{ErrorCode::kOutOfBudget,
                   "standard input is larger than query.max_temp_dir_size_bytes (" +
                       std::to_string(bytes_max) + " bytes)",
                   "the query reads it more than once: put it into a file and use --file"};
    TRY(out.write({buffer.data(), static_cast<std::size_t>(n)}));
  }
}

bool is_regular_file(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

// Puts an unnamed file with all of standard input in its place.
Result<> spool_standard_input(const std::string& directory, std::uint64_t bytes_max) {
  std::string path = directory + "/lynxdb-stdin-XXXXXX";
  const int file = ::mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) return io_error("cannot write to " + directory);
  ::unlink(path.c_str());
  const Result<> copied = copy_standard_input(*output::descriptor_sink(file, path), bytes_max);
  const bool moved = copied.has_value() && ::lseek(file, 0, SEEK_SET) == 0 &&
                     ::dup2(file, STDIN_FILENO) == STDIN_FILENO;
  ::close(file);
  if (!copied.has_value()) return copied.error();
  if (!moved) return io_error("cannot read " + path);
  return {};
}

}  // namespace

Mode choose_mode(const Session& session) {
  const Arguments& arguments = session.arguments;
  if (!arguments.files.empty()) return Mode::kFiles;
  if (arguments.server || arguments.profile) return Mode::kServer;
  return session.streams.input == InputKind::kData ? Mode::kStandardInput : Mode::kServer;
}

bool PipeInput::reads_standard_input() const {
  return std::find(paths.begin(), paths.end(), "-") != paths.end();
}

Result<PipeInput> resolve_input(const Session& session, std::int64_t now_ns) {
  const Arguments& arguments = session.arguments;
  if (!arguments.files.empty() && (arguments.server || arguments.profile))
    return Error{ErrorCode::kInvalidArgument, "--file excludes --server and --profile"};
  PipeInput input;
  switch (choose_mode(session)) {
    case Mode::kServer:
      break;
    case Mode::kStandardInput:
      input.paths = {"-"};
      break;
    case Mode::kFiles:
      input.paths = TRY(query::expand_inputs(arguments.files));
      break;
  }
  if (std::count(input.paths.begin(), input.paths.end(), "-") > 1)
    return Error{ErrorCode::kInvalidArgument, "standard input can be read only once"};
  input.parser = TRY(parser_options(session, now_ns));
  return input;
}

Result<> make_rereadable(const PipeInput& input, const std::string& directory,
                         std::uint64_t bytes_max) {
  for (const std::string& path : input.paths) {
    if (path == "-") {
      if (!standard_input_is_rereadable()) TRY(spool_standard_input(directory, bytes_max));
    } else if (!is_regular_file(path)) {
      return Error{ErrorCode::kIo, path + " can be read only once, but the query reads it again",
                   "pipe it into lynxdb, or put it into a file"};
    }
  }
  return {};
}

query::OpenSource open_pipe_input(PipeInput input) {
  return [input = std::move(input)](const std::vector<spl2::SourceName>& names,
                                    const query::ScanRequest& request,
                                    query::Execution& execution) -> Result<query::SourcePtr> {
    if (!wants_input(names, execution.hints))
      return query::SourcePtr(std::make_shared<EmptySource>());
    return query::open_lines({.paths = input.paths, .parser = input.parser}, request, execution);
  };
}

}  // namespace lynxdb::cli
