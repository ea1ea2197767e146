// Strong ids: two std::uint64_t arguments invite a swap, two of these do not compile when swapped.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace lynxdb::base {

// `Tag` names the id: struct LsnTag; using Lsn = base::StrongId<LsnTag>;
template <typename Tag, typename Rep = std::uint64_t>
class StrongId {
 public:
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  constexpr StrongId next() const { return StrongId(value_ + 1); }
  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  Rep value_{};
};

}  // namespace lynxdb::base

template <typename Tag, typename Rep>
struct std::hash<lynxdb::base::StrongId<Tag, Rep>> {
  std::size_t operator()(lynxdb::base::StrongId<Tag, Rep> id) const noexcept {
    return std::hash<Rep>{}(id.value());
  }
};
