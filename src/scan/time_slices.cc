#include <algorithm>

#include "scan/unit.h"

namespace lynxdb::scan {
namespace {

// Length of a range as a floating-point number: never 0, never overflows.
double length(const TimeRange& time) {
  return static_cast<double>(time.high_ns) - static_cast<double>(time.low_ns) + 1.0;
}

class Slicer {
 public:
  Slicer(std::span<const Unit> units, std::uint64_t rows_aim, std::uint64_t rows_aim_max)
      : units_(units),
        rows_aim_(static_cast<double>(std::max<std::uint64_t>(rows_aim, 1))),
        rows_aim_max_(static_cast<double>(rows_aim_max)) {}

  std::vector<TimeSlice> run() {
    std::vector<std::int64_t> lows;
    for (std::uint32_t i = 0; i < units_.size(); ++i) {
      if (units_[i].time.is_empty()) continue;
      by_high_.push_back(i);
      lows.push_back(units_[i].time.low_ns);
    }
    if (by_high_.empty()) return {};
    std::sort(by_high_.begin(), by_high_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return units_[a].time.high_ns > units_[b].time.high_ns;
    });
    std::sort(lows.begin(), lows.end(), std::greater<>());
    lows.erase(std::unique(lows.begin(), lows.end()), lows.end());

    std::int64_t high = units_[by_high_.front()].time.high_ns;
    for (const std::int64_t low : lows) {
      // Between two stretches there may be a gap without events.
      if (low > high) continue;
      activate(low);
      const TimeRange time{low, high};
      if (low != lows.back() && expected_rows(time) < rows_aim_ && !gap_below(low)) continue;
      cut(time);
      retire(low);
      high = next_high(low);
    }
    return std::move(slices_);
  }

 private:
  // Units whose events reach down into what is looked at now.
  void activate(std::int64_t low) {
    while (next_ < by_high_.size() && units_[by_high_[next_]].time.high_ns >= low)
      active_.push_back(by_high_[next_++]);
  }
  void retire(std::int64_t low) {
    std::erase_if(active_, [&](std::uint32_t i) { return units_[i].time.low_ns >= low; });
  }
  bool gap_below(std::int64_t low) const {
    return std::all_of(active_.begin(), active_.end(),
                       [&](std::uint32_t i) { return units_[i].time.low_ns >= low; });
  }
  // The newest time below `low` that may have an event.
  std::int64_t next_high(std::int64_t low) const {
    if (!active_.empty()) return low - 1;
    return next_ < by_high_.size() ? units_[by_high_[next_]].time.high_ns : low;
  }

  double expected_rows(const TimeRange& time) const {
    double rows = 0;
    for (const std::uint32_t i : active_) {
      const TimeRange shared = overlap(units_[i].time, time);
      if (shared.is_empty()) continue;
      rows += static_cast<double>(units_[i].rows) * length(shared) / length(units_[i].time);
    }
    return rows;
  }

  // One slice, or several when it would hold far too much: events are taken as evenly spread.
  void cut(const TimeRange& time) {
    constexpr double kTolerance = 2.0;
    constexpr std::size_t kPiecesMax = 1'000'000;
    const double row_length = length(time) / std::max(expected_rows(time), 1.0);
    // Unsigned: the range may be longer than a signed number can say.
    const auto low = static_cast<std::uint64_t>(time.low_ns);
    auto high = static_cast<std::uint64_t>(time.high_ns);
    for (std::size_t piece = 1; piece < kPiecesMax; ++piece) {
      const double step_length = row_length * rows_aim_;
      if (static_cast<double>(high - low) + 1.0 <= kTolerance * step_length) break;
      const auto step = std::max<std::uint64_t>(static_cast<std::uint64_t>(step_length), 1);
      if (step > high - low) break;
      emit({static_cast<std::int64_t>(high - step + 1), static_cast<std::int64_t>(high)});
      high -= step;
    }
    emit({time.low_ns, static_cast<std::int64_t>(high)});
  }

  void emit(const TimeRange& time) {
    TimeSlice slice{.time = time};
    for (const std::uint32_t i : active_)
      if (!overlap(units_[i].time, time).is_empty()) slice.units.push_back(i);
    if (slice.units.empty()) return;
    slices_.push_back(std::move(slice));
    rows_aim_ = std::max(rows_aim_, std::min(2 * rows_aim_, rows_aim_max_));
  }

  const std::span<const Unit> units_;
  double rows_aim_;  // Of the next slice.
  const double rows_aim_max_;
  std::vector<std::uint32_t> by_high_;
  std::size_t next_ = 0;
  std::vector<std::uint32_t> active_;
  std::vector<TimeSlice> slices_;
};

}  // namespace

std::vector<TimeSlice> make_slices(std::span<const Unit> units, std::uint64_t rows_aim,
                                   std::uint64_t rows_aim_max) {
  return Slicer(units, rows_aim, rows_aim_max).run();
}

}  // namespace lynxdb::scan
