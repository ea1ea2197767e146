#include "client/row_stream.h"

#include <simdjson.h>

#include <utility>

namespace lynxdb::client {
namespace {

using simdjson::dom::element;

constexpr std::string_view kMeta = R"({"__meta":)";
constexpr std::string_view kError = R"({"__error":)";

std::optional<std::uint64_t> count_of(element object, const char* name) {
  std::uint64_t count = 0;
  if (object[name].get(count) != simdjson::SUCCESS) return std::nullopt;
  return count;
}

std::vector<std::string> hints_of(element meta) {
  std::vector<std::string> hints;
  simdjson::dom::array list;
  if (meta["hints"].get(list) != simdjson::SUCCESS) return hints;
  for (const element hint : list) {
    std::string_view text;
    if (hint.get(text) == simdjson::SUCCESS) hints.emplace_back(text);
  }
  return hints;
}

std::string partial_of(element meta) {
  bool is_partial = false;
  if (meta["partial"].get(is_partial) != simdjson::SUCCESS || !is_partial) return {};
  std::string text = "the answer lacks events that cannot be reached";
  simdjson::dom::array missing;
  if (meta["missing"].get(missing) != simdjson::SUCCESS) return text;
  std::string_view separator = ": ";
  for (const element part : missing) {
    std::string_view reason;
    simdjson::dom::array partitions;
    if (part["reason"].get(reason) != simdjson::SUCCESS ||
        part["partitions"].get(partitions) != simdjson::SUCCESS)
      continue;
    text.append(separator).append("the newest of ").append(std::to_string(partitions.size()));
    text.append(partitions.size() == 1 ? " partition (" : " partitions (").append(reason) += ')';
    separator = "; ";
  }
  return text;
}

}  // namespace

Result<> RowStream::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      if (bytes.size() > line_bytes_max_ - rest_.size())
        return Error{ErrorCode::kOutOfBudget, "the server sent a row of more than " +
                                                  std::to_string(line_bytes_max_) + " bytes"};
      rest_.append(bytes);
      return {};
    }
    if (rest_.empty()) {
      TRY(take_line(bytes.substr(0, end)));
    } else {
      rest_.append(bytes.substr(0, end));
      TRY(take_line(rest_));
      rest_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
  return {};
}

Result<> RowStream::take_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return {};
  if (held_) TRY(on_row_(*std::exchange(held_, std::nullopt)));
  if (line.starts_with(kMeta) || line.starts_with(kError)) {
    held_ = std::string(line);
    return {};
  }
  return on_row_(line);
}

Result<StreamEnd> RowStream::end() {
  if (!rest_.empty()) TRY(take_line(std::exchange(rest_, {})));
  const Error cut{ErrorCode::kIo, "the server's answer was cut off: rows are missing"};
  simdjson::dom::parser parser;
  element last;
  if (!held_ || parser.parse(simdjson::padded_string(*held_)).get(last) != simdjson::SUCCESS)
    return cut;
  StreamEnd end;
  if (element meta; last["__meta"].get(meta) == simdjson::SUCCESS && meta.is_object()) {
    end.total = count_of(meta, "total");
    end.scanned = count_of(meta, "scanned");
    end.hints = hints_of(meta);
    end.partial = partial_of(meta);
  } else if (element error; last["__error"].get(error) == simdjson::SUCCESS) {
    failure_ = read_error_object(simdjson::minify(error), 0);
  } else {
    return cut;
  }
  return end;
}

}  // namespace lynxdb::client
