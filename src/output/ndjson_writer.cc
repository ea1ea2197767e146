// One compact JSON object per line. This is what pipes get, so it must keep up with the scan: what
// depends on the column alone (order, key text, kind) is settled once per batch.
#include <string>
#include <vector>

#include "output/json_cells.h"
#include "output/writer.h"

namespace lynxdb::output {
namespace {

using event::Column;
using event::Kind;

struct PreparedColumn {
  const event::Field* field = nullptr;
  const Column* column = nullptr;
  Kind kind = Kind::kNull;
  std::string key;  // `,"name":`
  // JSON text of each entry of a dictionary.
  std::vector<std::string> entries;
};

class NdjsonWriter final : public Writer {
 public:
  explicit NdjsonWriter(OutputBuffer& out) : out_(out) {}

  Result<> write(const event::EventBatch& batch) override {
    prepare(batch);
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      append_row(row);
      TRY(out_.flush_if_full());
    }
    return {};
  }

 private:
  void prepare(const event::EventBatch& batch) {
    columns_.clear();
    for (const std::size_t i : event::print_order(batch)) {
      const event::Field& field = batch.fields()[i];
      const Column& column = *field.column;
      if (!field.named && column.kind() == Kind::kNull) continue;
      PreparedColumn& prepared = columns_.emplace_back();
      prepared.field = &field;
      prepared.column = &column;
      prepared.kind = column.kind();
      prepared.key = ",";
      event::append_json_string(field.name, prepared.key);
      prepared.key += ':';
      if (column.kind() == Kind::kDictionary) prepare_entries(column, prepared);
    }
  }

  static void prepare_entries(const Column& column, PreparedColumn& prepared) {
    for (const std::string_view entry : column.dictionary()->string_values())
      event::append_json_string(entry, prepared.entries.emplace_back());
  }

  void append_row(std::size_t row) {
    const std::size_t begin = out_.size();
    for (const PreparedColumn& column : columns_) {
      if (column.column->is_null(row)) {
        if (!column.field->prints_null(row)) continue;
        out_.append(column.key);
        out_.append("null");
      } else {
        out_.append(column.key);
        append_cell(column, row);
      }
    }
    // Every key starts with a comma; the first one's becomes the brace.
    if (out_.size() == begin)
      out_.append('{');
    else
      out_.data()[begin] = '{';
    out_.append("}\n");
  }

  void append_cell(const PreparedColumn& prepared, std::size_t row) {
    const Column& column = *prepared.column;
    switch (prepared.kind) {
      case Kind::kString:
        return append_json_string(column.string_values()[row], out_);
      case Kind::kDictionary:
        return out_.append(prepared.entries[column.codes()[row]]);
      case Kind::kInt:
        return JsonCells::append_int(column.int_values()[row], out_);
      case Kind::kTimestamp:
        return cells_.append_timestamp(column.int_values()[row], out_);
      case Kind::kFloat:
        return cells_.append_float(column.float_values()[row], out_);
      case Kind::kBool:
        return out_.append(column.bool_values()[row] != 0 ? "true" : "false");
      case Kind::kNull:
      case Kind::kList:
      case Kind::kMixed:
        return cells_.append(column.view(row), out_);
    }
  }

  OutputBuffer& out_;
  JsonCells cells_;
  std::vector<PreparedColumn> columns_;
};

}  // namespace

std::unique_ptr<Writer> make_ndjson_writer(OutputBuffer& out) {
  return std::make_unique<NdjsonWriter>(out);
}

}  // namespace lynxdb::output
