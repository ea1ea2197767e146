// Header, dashes, aligned columns: numbers to the right, everything else to the left.
#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "output/number_text.h"
#include "output/row_buffer.h"
#include "output/utf8.h"
#include "output/writer.h"

namespace lynxdb::output {
namespace {

constexpr std::string_view kGap = "  ";
constexpr std::size_t kWidthMin = 8;  // Columns are not cut below this.
// Cells are not padded beyond this: one value of a megabyte among a million would make a terabyte
// of spaces. What is wider stands out of its column.
constexpr std::size_t kPaddedWidthMax = 200;

// A value in one line: control characters (a terminal would obey them) become escapes.
void append_cell_text(event::ValueView value, std::string& scratch, std::string& out) {
  if (value.type() == event::Type::kList) {
    for (std::size_t i = 0; i < value.list_size(); ++i) {
      if (i > 0) out += ", ";
      append_cell_text(value.list_at(i), scratch, out);
    }
    return;
  }
  scratch.clear();
  event::append_text(value, scratch);
  if (value.type() != event::Type::kString) {
    out += scratch;
    return;
  }
  const std::size_t begin = out.size();
  append_valid_utf8(scratch, out);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::none_of(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), is_control)) return;
  const std::string text = out.substr(begin);
  out.resize(begin);
  for (const char c : text) {
    if (!is_control(c)) {
      out += c;
      continue;
    }
    std::string escaped;
    event::append_json_string(std::string_view(&c, 1), escaped);
    out += c == 0x7f ? std::string("\\u007f") : escaped.substr(1, escaped.size() - 2);
  }
}

struct TableColumn {
  std::string name;
  std::size_t width = 0;
  bool numbers = true;  // Every value so far is one.
  bool values = false;
};

class TableWriter final : public Writer {
 public:
  TableWriter(const WriterOptions& options, bool bare_single_value, OutputBuffer& out,
              query::SpillSpace& spill)
      : options_(options),
        bare_single_value_(bare_single_value),
        out_(out),
        rows_(spill, options.buffer_bytes_max) {}

  Result<> write(const event::EventBatch& batch) override {
    seen_.add(batch);
    for (const event::Field& field : batch.fields()) measure(field);
    return rows_.append(batch);
  }

  Result<> finish() override {
    if (rows_.rows() == 0) return {};
    const std::vector<TableColumn> columns = layout();
    TRY(rows_.finish());
    const bool bare = bare_single_value_ && rows_.rows() == 1 && columns.size() == 1;
    if (!bare) write_header(columns);
    while (const std::optional<event::EventBatch> batch = TRY(rows_.next()))
      TRY(bare ? write_bare(*batch, columns.front().name) : write_rows(*batch, columns));
    return {};
  }

 private:
  void measure(const event::Field& field) {
    TableColumn& column = measured(field.name);
    for (std::size_t row = 0; row < field.column->size(); ++row) {
      if (field.column->is_null(row)) continue;
      const event::ValueView value = field.column->view(row);
      text_.clear();
      append_cell_text(value, scratch_, text_);
      column.width = std::max(column.width, display_width(text_));
      column.values = true;
      if (value.type() != event::Type::kInt && value.type() != event::Type::kFloat)
        column.numbers = false;
    }
  }

  TableColumn& measured(const std::string& name) {
    const auto known = std::find_if(measured_.begin(), measured_.end(),
                                    [&](const TableColumn& c) { return c.name == name; });
    if (known != measured_.end()) return *known;
    text_.clear();
    append_cell_text(event::ValueView::string(name), scratch_, text_);
    return measured_.emplace_back(TableColumn{name, display_width(text_), true, false});
  }

  std::vector<TableColumn> layout() {
    std::vector<TableColumn> columns;
    for (const std::string& name : seen_.names()) columns.push_back(measured(name));
    for (TableColumn& column : columns)
      if (!options_.terminal) column.width = std::min(column.width, kPaddedWidthMax);
    if (options_.terminal) fit(columns);
    return columns;
  }

  // Takes from the widest column until the row fits the terminal.
  void fit(std::vector<TableColumn>& columns) const {
    std::size_t total = kGap.size() * (columns.size() - 1);
    for (const TableColumn& column : columns) total += column.width;
    while (total > options_.width) {
      TableColumn& widest = *std::max_element(
          columns.begin(), columns.end(),
          [](const TableColumn& a, const TableColumn& b) { return a.width < b.width; });
      if (widest.width <= kWidthMin) return;
      const std::size_t cut = std::min(widest.width - kWidthMin, total - options_.width);
      const std::size_t second = second_width(columns, widest);
      const std::size_t step = std::clamp<std::size_t>(widest.width - second, 1, cut);
      widest.width -= step;
      total -= step;
    }
  }

  static std::size_t second_width(const std::vector<TableColumn>& columns,
                                  const TableColumn& widest) {
    std::size_t width = 0;
    for (const TableColumn& column : columns)
      if (&column != &widest) width = std::max(width, column.width);
    return width;
  }

  void write_header(const std::vector<TableColumn>& columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      text_.clear();
      append_cell_text(event::ValueView::string(columns[i].name), scratch_, text_);
      write_cell(columns[i], text_, i + 1 == columns.size());
    }
    out_.append('\n');
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) out_.append(kGap);
      out_.append(std::string(columns[i].width, '-'));
    }
    out_.append('\n');
  }

  Result<> write_rows(const event::EventBatch& batch, const std::vector<TableColumn>& columns) {
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        text_.clear();
        const event::ColumnPtr* column = batch.find(columns[i].name);
        if (column != nullptr) append_cell_text((*column)->view(row), scratch_, text_);
        write_cell(columns[i], text_, i + 1 == columns.size());
      }
      out_.append('\n');
      TRY(out_.flush_if_full());
    }
    return {};
  }

  Result<> write_bare(const event::EventBatch& batch, const std::string& name) {
    const event::ValueView value = (*batch.find(name))->view(0);
    text_.clear();
    append_cell_text(value, scratch_, text_);
    if (value.type() == event::Type::kInt || value.type() == event::Type::kFloat)
      text_ = with_thousands_separators(text_);
    out_.append(value.is_null() ? "null" : text_);
    out_.append('\n');
    return {};
  }

  // The gap stands before every column but the first; the last one carries no trailing spaces.
  void write_cell(const TableColumn& column, std::string_view text, bool last) {
    std::string cut;
    if (options_.terminal && display_width(text) > column.width) {
      cut = std::string(prefix_of_width(text, column.width - 1)) + "…";
      text = cut;
    }
    const std::size_t width = display_width(text);
    const std::size_t padding = column.width > width ? column.width - width : 0;
    const bool right = column.numbers && column.values;
    if (right) out_.append(std::string(padding, ' '));
    out_.append(text);
    if (last) return;
    if (!right) out_.append(std::string(padding, ' '));
    out_.append(kGap);
  }

  const WriterOptions options_;
  const bool bare_single_value_;
  OutputBuffer& out_;
  RowBuffer rows_;
  SeenColumns seen_;
  std::vector<TableColumn> measured_;
  std::string text_;
  std::string scratch_;
};

}  // namespace

std::unique_ptr<Writer> make_table_writer(const WriterOptions& options, bool bare_single_value,
                                          OutputBuffer& out, query::SpillSpace& spill) {
  return std::make_unique<TableWriter>(options, bare_single_value, out, spill);
}

}  // namespace lynxdb::output
