#include "instance/index_limit.h"

#include <string_view>
#include <utility>

#include "storage/append_check.h"

namespace lynxdb::instance {
namespace {

// The indexes of a batch, each perhaps several times: rows of one mostly come one after the other.
template <typename Visit>
void visit_indexes(const event::EventBatch& batch, const Visit& visit) {
  const event::ColumnPtr* column = batch.find(event::kIndex);
  if (column == nullptr) return visit(storage::kDefaultIndex);
  const bool has_codes = (*column)->kind() == event::Kind::kDictionary;
  const event::Column& names = has_codes ? *(*column)->dictionary() : **column;
  std::string_view last;
  for (std::size_t row = 0; row < names.size(); ++row) {
    const event::ValueView value = names.view(row);
    const std::string_view name =
        value.type() == event::Type::kString ? value.as_string() : storage::kDefaultIndex;
    if (name != last) visit(name);
    last = name;
  }
}

void add_unknown(const event::EventBatch& batch, const std::set<std::string, std::less<>>& known,
                 std::set<std::string, std::less<>>& unknown) {
  visit_indexes(batch, [&](std::string_view name) {
    if (!known.contains(name)) unknown.emplace(name);
  });
}

}  // namespace

Result<> IndexLimit::admit(const event::EventBatch& batch) {
  constexpr std::chrono::seconds kReadInterval{1};
  const base::MutexLock lock(mutex_);
  Names fresh;
  add_unknown(batch, names_, fresh);
  if (fresh.empty()) return {};
  const base::Clock::Monotonic now = clock_.monotonic();
  // At first nothing is known; later retention may have emptied some.
  if (!read_ || (!fits(fresh) && now - *read_ >= kReadInterval)) {
    read_ = now;
    read_stored();
    fresh.clear();
    add_unknown(batch, names_, fresh);
  }
  if (!fits(fresh))
    return Error{ErrorCode::kOutOfBudget,
                 "'" + *fresh.begin() + "' would be one index too many: there may be " +
                     std::to_string(kIndexesMax),
                 "use one of those there are, and tell events apart by a field or a label"};
  names_.merge(fresh);
  return {};
}

void IndexLimit::read_stored() {
  names_.clear();
  for (std::string& name : stored_()) names_.insert(std::move(name));
}

}  // namespace lynxdb::instance
