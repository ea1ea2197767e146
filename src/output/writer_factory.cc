#include <array>
#include <utility>

#include "base/suggest.h"
#include "output/writer.h"

namespace lynxdb::output {
namespace {

constexpr std::array<std::pair<std::string_view, OutputFormat>, 7> kFormats = {{
    {"auto", OutputFormat::kAuto},
    {"json", OutputFormat::kJson},
    {"ndjson", OutputFormat::kNdjson},
    {"table", OutputFormat::kTable},
    {"csv", OutputFormat::kCsv},
    {"tsv", OutputFormat::kTsv},
    {"raw", OutputFormat::kRaw},
}};

}  // namespace

std::vector<std::string_view> output_format_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, format] : kFormats) names.push_back(name);
  return names;
}

Result<OutputFormat> output_format_named(std::string_view name) {
  for (const auto& [known, format] : kFormats)
    if (known == name) return format;
  Error error{ErrorCode::kInvalidArgument, "unknown format '" + std::string(name) + "'"};
  const std::vector<std::string_view> names = output_format_names();
  if (const auto nearest = base::suggest(name, names))
    error.suggestion = "did you mean " + *nearest + "?";
  else
    error.suggestion = "formats: auto, json, ndjson, table, csv, tsv, raw";
  return error;
}

std::unique_ptr<Writer> make_writer(const WriterOptions& options, OutputBuffer& out,
                                    query::SpillSpace& spill) {
  switch (options.format) {
    case OutputFormat::kAuto:
      if (!options.terminal) return make_ndjson_writer(out);
      if (options.aggregate_result) return make_table_writer(options, true, out, spill);
      return make_terminal_json_writer(true, options.color, out);
    case OutputFormat::kJson:
      if (!options.terminal) return make_ndjson_writer(out);
      return make_terminal_json_writer(false, options.color, out);
    case OutputFormat::kTable:
      return make_table_writer(options, false, out, spill);
    case OutputFormat::kCsv:
    case OutputFormat::kTsv:
      return make_delimited_writer(options, out, spill);
    case OutputFormat::kRaw:
      return make_raw_writer(out);
    case OutputFormat::kNdjson:
      break;
  }
  return make_ndjson_writer(out);
}

}  // namespace lynxdb::output
