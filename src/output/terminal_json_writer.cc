// JSON for people: coloured when asked for, indented, or one numbered line per event.
#include <string>

#include "output/json_cells.h"
#include "output/writer.h"

namespace lynxdb::output {
namespace {

constexpr std::string_view kReset = "\x1b[0m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kKey = "\x1b[34m";
constexpr std::string_view kString = "\x1b[32m";
constexpr std::string_view kNumber = "\x1b[36m";
constexpr std::string_view kWord = "\x1b[33m";  // true, false, null

std::string_view color_of(event::Type type) {
  switch (type) {
    case event::Type::kInt:
    case event::Type::kFloat:
      return kNumber;
    case event::Type::kBool:
    case event::Type::kNull:
      return kWord;
    case event::Type::kTimestamp:
    case event::Type::kString:
    case event::Type::kList:
      break;
  }
  return kString;
}

class TerminalJsonWriter final : public Writer {
 public:
  TerminalJsonWriter(bool numbered, bool color, OutputBuffer& out)
      : numbered_(numbered), color_(color), out_(out) {}

  Result<> write(const event::EventBatch& batch) override {
    const std::vector<std::size_t> order = event::print_order(batch);
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      if (numbered_) colored(kDim, "#" + std::to_string(++number_) + " ");
      append_object(batch, order, row);
      TRY(out_.flush_if_full());
    }
    return {};
  }

 private:
  void append_object(const event::EventBatch& batch, const std::vector<std::size_t>& order,
                     std::size_t row) {
    bool first = true;
    out_.append('{');
    for (const std::size_t i : order) {
      const event::Field& field = batch.fields()[i];
      if (field.column->is_null(row) && !field.prints_null(row)) continue;
      if (!first) out_.append(numbered_ ? ", " : ",");
      if (!numbered_) out_.append("\n  ");
      first = false;
      append_pair(field.name, field.column->view(row));
    }
    if (!numbered_ && !first) out_.append('\n');
    out_.append("}\n");
  }

  void append_pair(std::string_view name, event::ValueView value) {
    if (color_) out_.append(kKey);
    append_json_string(name, out_);
    if (color_) out_.append(kReset);
    out_.append(": ");
    if (color_) out_.append(color_of(value.type()));
    cells_.append(value, out_);
    if (color_) out_.append(kReset);
  }

  void colored(std::string_view color, std::string_view text) {
    if (color_) out_.append(color);
    out_.append(text);
    if (color_) out_.append(kReset);
  }

  const bool numbered_;
  const bool color_;
  std::uint64_t number_ = 0;
  JsonCells cells_;
  OutputBuffer& out_;
};

}  // namespace

std::unique_ptr<Writer> make_terminal_json_writer(bool numbered, bool color, OutputBuffer& out) {
  return std::make_unique<TerminalJsonWriter>(numbered, color, out);
}

}  // namespace lynxdb::output
