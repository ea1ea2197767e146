#include <algorithm>
#include <utility>

#include "query/field.h"
#include "query/operators/field_names.h"
#include "query/operators/operators.h"

namespace lynxdb::query {
namespace {

// All pairs read the batch as it was, so that `a AS b, b AS a` swaps.
class RenameTransform final : public Transform {
 public:
  explicit RenameTransform(std::vector<spl2::RenameCommand::Pair> pairs)
      : pairs_(std::move(pairs)) {}

  Result<event::EventBatch> apply(event::EventBatch batch) const override {
    std::vector<event::Field> renamed;
    std::vector<bool> placed(pairs_.size(), false);
    for (std::size_t i = 0; i < batch.field_count(); ++i) {
      bool moved = false;
      for (std::size_t p = 0; p < pairs_.size(); ++p) {
        if (stored_index(batch, pairs_[p].from) != i) continue;
        moved = true;
        placed[p] = true;
        put(batch, pairs_[p], renamed);
      }
      if (!moved && !is_target(batch.fields()[i].name)) renamed.push_back(batch.fields()[i]);
    }
    // Paths into JSON, and fields that no row of this batch has.
    for (std::size_t p = 0; p < pairs_.size(); ++p)
      if (!placed[p]) put(batch, pairs_[p], renamed);
    batch.replace_fields(std::move(renamed));
    return batch;
  }

 private:
  bool is_target(std::string_view field) const {
    return std::any_of(pairs_.begin(), pairs_.end(),
                       [&](const auto& pair) { return pair.to == field; });
  }

  // No two pairs have one target (the parser sees to that).
  static void put(const event::EventBatch& batch, const spl2::RenameCommand::Pair& pair,
                  std::vector<event::Field>& renamed) {
    renamed.push_back({pair.to, resolve_field(batch, pair.from), true});
  }

  std::vector<spl2::RenameCommand::Pair> pairs_;
};

}  // namespace

TransformPtr make_rename(const spl2::RenameCommand& command) {
  return std::make_shared<RenameTransform>(command.pairs);
}

}  // namespace lynxdb::query
