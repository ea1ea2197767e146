// Collects a label (source, sourcetype, index, host): few distinct values over many events.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/column.h"

namespace lynxdb::event {

// Not thread-safe. Copies each distinct value once, so that labels never pin an input chunk.
class LabelColumn {
 public:
  LabelColumn();

  void append(std::string_view value);
  void append_null();
  std::size_t size() const { return codes_.size(); }

  // A dictionary column, or null when every row is null; empty afterwards.
  ColumnPtr finish();

 private:
  std::uint32_t code_of(std::string_view value);

  std::vector<std::uint32_t> codes_;
  NullBitmap nulls_;
  std::shared_ptr<Arena> arena_;
  std::vector<std::string_view> values_;
  std::unordered_map<std::string_view, std::uint32_t> code_by_value_;
  std::uint32_t last_code_ = 0;  // Labels repeat: most rows carry the value of the row before.
};

}  // namespace lynxdb::event
