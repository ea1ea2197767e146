#include "cli/field_rows.h"

#include <simdjson.h>

#include <string>
#include <utility>
#include <vector>

namespace lynxdb::cli {
namespace {

using event::Value;
using event::ValueView;
using output::OutputFormat;

constexpr std::string_view kTopValues = "top_values";

// A list of one comes as its element.
std::vector<std::string> entries_of(ValueView list) {
  std::vector<std::string> entries;
  if (list.is_null()) return entries;
  if (list.type() != event::Type::kList) return {event::text(list)};
  for (std::size_t i = 0; i < list.list_size(); ++i)
    entries.push_back(event::text(list.list_at(i)));
  return entries;
}

std::string json_array(ValueView list) {
  std::string text = "[";
  for (const std::string& entry : entries_of(list)) text += (text.size() > 1 ? "," : "") + entry;
  return text + "]";
}

// `a (3)`; what is no such object stays as it is.
std::string counted_value(const std::string& entry) {
  simdjson::dom::parser parser;
  simdjson::dom::element object;
  std::string_view value;
  std::uint64_t count = 0;
  if (parser.parse(simdjson::padded_string(entry)).get(object) != simdjson::SUCCESS ||
      object["value"].get(value) != simdjson::SUCCESS ||
      object["count"].get(count) != simdjson::SUCCESS)
    return entry;
  return std::string(value) + " (" + std::to_string(count) + ")";
}

Value readable(ValueView list) {
  std::vector<Value> values;
  for (const std::string& entry : entries_of(list))
    values.push_back(Value::string(counted_value(entry)));
  return Value::list(std::move(values));
}

class JsonFieldRows final : public output::Writer {
 public:
  explicit JsonFieldRows(output::OutputBuffer& out) : out_(out) {}

  Result<> write(const event::EventBatch& batch) override {
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      std::string line = "{";
      for (const event::Field& field : batch.fields()) {
        if (line.size() > 1) line += ',';
        event::append_json_string(field.name, line);
        line += ':';
        if (field.name == kTopValues)
          line += json_array(field.column->view(row));
        else
          event::append_json(field.column->view(row), line);
      }
      out_.append(line + "}\n");
      TRY(out_.flush_if_full());
    }
    return {};
  }

 private:
  output::OutputBuffer& out_;
};

class TextFieldRows final : public output::Writer {
 public:
  TextFieldRows(bool as_json, std::unique_ptr<output::Writer> rows)
      : as_json_(as_json), rows_(std::move(rows)) {}

  Result<> write(const event::EventBatch& batch) override {
    event::EventBatch shown = batch;
    if (const event::ColumnPtr* lists = batch.find(kTopValues)) {
      event::ColumnBuilder texts;
      for (std::size_t row = 0; row < batch.rows(); ++row) {
        const ValueView list = (*lists)->view(row);
        texts.append(as_json_ ? Value::string(json_array(list)) : readable(list));
      }
      shown.set(kTopValues, texts.finish(), true);
    }
    return rows_->write(shown);
  }
  Result<> finish() override { return rows_->finish(); }

 private:
  const bool as_json_;
  std::unique_ptr<output::Writer> rows_;
};

}  // namespace

std::unique_ptr<output::Writer> make_field_rows_writer(const output::WriterOptions& options,
                                                       output::OutputBuffer& out,
                                                       query::SpillSpace& spill) {
  const bool lines = options.format == OutputFormat::kJson ||
                     options.format == OutputFormat::kNdjson ||
                     (options.format == OutputFormat::kAuto && !options.terminal);
  if (lines) return std::make_unique<JsonFieldRows>(out);
  const bool delimited =
      options.format == OutputFormat::kCsv || options.format == OutputFormat::kTsv;
  return std::make_unique<TextFieldRows>(delimited, output::make_writer(options, out, spill));
}

}  // namespace lynxdb::cli
