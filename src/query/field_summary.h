// What fields events have: types, coverage, ranges, frequent values. One pass, bounded memory.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "event/event_batch.h"
#include "query/aggregate.h"

namespace lynxdb::query {

// Belongs to one thread. Counts, types, min, max and avg are exact; p50 and p99 as the aggregates
// of these names; frequent values are those among the first kValuesMax distinct ones of a field.
class FieldSummary {
 public:
  void add(const event::EventBatch& batch);

  // One row per field, most frequent first: name type count coverage min max avg p50 p99
  // top_values, a list of `{"value":"a","count":3}` as texts. Only names that `wanted` accepts.
  template <typename Wanted>
  event::EventBatch rows(const Wanted& wanted) const {
    std::vector<std::string> names;
    for (const auto& [name, field] : fields_)
      if (wanted(name)) names.push_back(name);
    return rows_of(std::move(names));
  }

  std::vector<std::string> names() const;
  // The most frequent values of a field as text, at most `count`, most frequent first.
  std::vector<std::pair<std::string, std::uint64_t>> frequent_values(const std::string& name,
                                                                     std::size_t count) const;
  // Fields whose frequent values are incomplete, and fields that were left out.
  std::vector<std::string> hints() const;

 private:
  static constexpr std::size_t kFieldsMax = 10'000;
  static constexpr std::size_t kValuesMax = 1000;        // Per field.
  static constexpr std::size_t kAllValuesMax = 200'000;  // Of all fields.
  static constexpr std::size_t kValueBytesMax = 256;

  struct OneField {
    std::uint64_t count = 0;
    std::map<event::Type, std::uint64_t> types;
    event::Value min;
    event::Value max;
    double sum = 0;
    std::uint64_t numbers = 0;
    std::unique_ptr<AggregateStates> p50;
    std::unique_ptr<AggregateStates> p99;
    std::unordered_map<std::string, std::uint64_t> values;
    bool values_incomplete = false;
  };

  void add_column(OneField& field, const event::Column& column, std::uint64_t sequence);
  void add_value(OneField& field, event::ValueView value);
  void count_text(OneField& field, event::ValueView value);
  static void add_percentiles(OneField& field, const event::Column& column, std::uint64_t sequence);
  event::EventBatch rows_of(std::vector<std::string> names) const;

  std::map<std::string, OneField, std::less<>> fields_;
  std::uint64_t events_ = 0;
  std::size_t values_ = 0;
  bool fields_left_out_ = false;
  std::string text_;
};

}  // namespace lynxdb::query
