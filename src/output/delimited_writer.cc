// csv (RFC 4180, LF) and tsv (escapes instead of quotes), both with a header row.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "output/row_buffer.h"
#include "output/utf8.h"
#include "output/writer.h"

namespace lynxdb::output {
namespace {

class DelimitedWriter final : public Writer {
 public:
  DelimitedWriter(const WriterOptions& options, OutputBuffer& out, query::SpillSpace& spill)
      : tsv_(options.format == OutputFormat::kTsv),
        columns_(options.columns),
        out_(out),
        rows_(spill, options.buffer_bytes_max) {}

  Result<> write(const event::EventBatch& batch) override {
    if (columns_) return write_rows(batch);
    seen_.add(batch);
    return rows_.append(batch);
  }

  Result<> finish() override {
    if (columns_ || rows_.rows() == 0) return {};
    columns_ = seen_.names();
    TRY(rows_.finish());
    while (const std::optional<event::EventBatch> batch = TRY(rows_.next()))
      TRY(write_rows(*batch));
    return {};
  }

 private:
  Result<> write_rows(const event::EventBatch& batch) {
    if (!header_written_) write_header();
    std::vector<const event::Column*> cells;
    for (const std::string& name : *columns_) {
      const event::ColumnPtr* column = batch.find(name);
      cells.push_back(column == nullptr ? nullptr : column->get());
    }
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out_.append(delimiter());
        if (cells[i] != nullptr && !cells[i]->is_null(row)) write_value(cells[i]->view(row));
      }
      out_.append('\n');
      TRY(out_.flush_if_full());
    }
    return {};
  }

  void write_header() {
    header_written_ = true;
    for (std::size_t i = 0; i < columns_->size(); ++i) {
      if (i > 0) out_.append(delimiter());
      write_value(event::ValueView::string((*columns_)[i]));
    }
    out_.append('\n');
  }

  char delimiter() const { return tsv_ ? '\t' : ','; }

  void write_value(event::ValueView value) {
    if (value.type() == event::Type::kString && is_valid_utf8(value.as_string()))
      return write_text(value.as_string());
    text_.clear();
    // A list of one is an array here, too, so that a column's cells can be told apart.
    if (value.type() == event::Type::kList)
      event::append_json(value, text_);
    else
      event::append_text(value, text_);
    valid_.clear();
    append_valid_utf8(text_, valid_);
    write_text(valid_);
  }

  void write_text(std::string_view text) { tsv_ ? write_escaped(text) : write_quoted(text); }

  void write_quoted(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return out_.append(text);
    out_.append('"');
    for (const char c : text) {
      if (c == '"') out_.append('"');
      out_.append(c);
    }
    out_.append('"');
  }

  void write_escaped(std::string_view text) {
    if (text.find_first_of("\t\n\\") == std::string_view::npos) return out_.append(text);
    for (const char c : text) {
      switch (c) {
        case '\t':
          out_.append("\\t");
          break;
        case '\n':
          out_.append("\\n");
          break;
        case '\\':
          out_.append("\\\\");
          break;
        default:
          out_.append(c);
      }
    }
  }

  const bool tsv_;
  bool header_written_ = false;
  std::optional<std::vector<std::string>> columns_;  // Unknown until all rows were seen.
  SeenColumns seen_;
  OutputBuffer& out_;
  RowBuffer rows_;
  std::string text_;
  std::string valid_;
};

}  // namespace

std::unique_ptr<Writer> make_delimited_writer(const WriterOptions& options, OutputBuffer& out,
                                              query::SpillSpace& spill) {
  return std::make_unique<DelimitedWriter>(options, out, spill);
}

}  // namespace lynxdb::output
