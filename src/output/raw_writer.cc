// `_raw` line by line; rows without it as k=v joined by tabs.
#include <string>

#include "output/utf8.h"
#include "output/writer.h"

namespace lynxdb::output {
namespace {

class RawWriter final : public Writer {
 public:
  explicit RawWriter(OutputBuffer& out) : out_(out) {}

  Result<> write(const event::EventBatch& batch) override {
    const event::ColumnPtr* raw = batch.find(event::kRaw);
    const std::vector<std::size_t> order = event::print_order(batch);
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      if (raw != nullptr && !(*raw)->is_null(row))
        append_text((*raw)->view(row));
      else
        append_pairs(batch, order, row);
      out_.append('\n');
      TRY(out_.flush_if_full());
    }
    return {};
  }

 private:
  void append_pairs(const event::EventBatch& batch, const std::vector<std::size_t>& order,
                    std::size_t row) {
    bool first = true;
    for (const std::size_t i : order) {
      const event::Field& field = batch.fields()[i];
      if (field.column->is_null(row) && !field.prints_null(row)) continue;
      if (!first) out_.append('\t');
      first = false;
      append_text(event::ValueView::string(field.name));
      out_.append('=');
      append_text(field.column->view(row));
    }
  }

  void append_text(event::ValueView value) {
    if (value.type() == event::Type::kString && is_valid_utf8(value.as_string()))
      return out_.append(value.as_string());
    text_.clear();
    event::append_text(value, text_);
    valid_.clear();
    append_valid_utf8(text_, valid_);
    out_.append(valid_);
  }

  OutputBuffer& out_;
  std::string text_;
  std::string valid_;
};

}  // namespace

std::unique_ptr<Writer> make_raw_writer(OutputBuffer& out) {
  return std::make_unique<RawWriter>(out);
}

}  // namespace lynxdb::output
