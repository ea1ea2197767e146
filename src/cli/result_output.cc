#include "cli/result_output.h"

#include <unistd.h>

#include <cstdlib>
#include <string>

namespace lynxdb::cli {

bool writes_to_standard_output(const Session& session) {
  return !session.arguments.output || *session.arguments.output == "-";
}

Result<output::WriterOptions> writer_options(const Session& session) {
  std::string configured = session.settings.text("default_format", "auto");
  output::WriterOptions options;
  options.format = TRY(output::output_format_named(session.arguments.format.value_or(configured)));
  options.terminal = writes_to_standard_output(session) && session.streams.output_is_terminal;
  options.color = options.terminal && session.streams.color_wanted && !session.arguments.no_color;
  options.width = session.streams.output_width;
  return options;
}

Result<std::unique_ptr<output::ByteSink>> open_output(const Session& session) {
  if (writes_to_standard_output(session))
    return output::descriptor_sink(STDOUT_FILENO, "standard output");
  return TRY(output::file_sink(*session.arguments.output));
}

std::string temporary_directory(const Session& session) {
  std::string configured = session.settings.text("query.spill_dir", "");
  if (!configured.empty()) return configured;
  const char* usual = std::getenv("TMPDIR");
  return usual != nullptr && *usual != '\0' ? usual : "/tmp";
}

}  // namespace lynxdb::cli
