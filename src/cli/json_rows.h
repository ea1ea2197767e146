// Rows of a server, JSON objects line by line, as batches that the writers take.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"

namespace lynxdb::cli {

// Belongs to one thread. Rows come out with the values, the order of fields and the nulls that
// they came with; times and nested objects are text. Holds at most kRowsMax rows.
class JsonRows {
 public:
  using OnBatch = std::function<Result<>(const event::EventBatch&)>;

  explicit JsonRows(OnBatch on_batch);
  ~JsonRows();

  // Errors: kCorruption (no JSON object), those of on_batch.
  Result<> add(std::string_view line);
  // Hands over what is held back.
  Result<> flush();

 private:
  static constexpr std::size_t kRowsMax = 4096;

  struct Parser;
  struct Column {
    event::ColumnBuilder values;
    bool was_absent = false;  // In some row of the batch...
    bool was_null = false;    // ...or null there, which is printed: the two cannot be mixed.
  };

  Result<> parse(std::string_view line);
  bool fits() const;
  void append_row();

  const OnBatch on_batch_;
  std::unique_ptr<Parser> parser_;
  std::vector<std::pair<std::string, event::Value>> row_;
  std::vector<std::string> order_;
  std::map<std::string, Column, std::less<>> columns_;
  std::size_t rows_ = 0;
  bool ordered_ = false;
};

}  // namespace lynxdb::cli
