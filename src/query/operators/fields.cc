#include <algorithm>
#include <utility>

#include "query/field.h"
#include "query/operators/field_names.h"
#include "query/operators/operators.h"

namespace lynxdb::query {
namespace {

struct NamePattern {
  std::string name;
  std::optional<WildcardPattern> glob;
};

std::vector<NamePattern> patterns_of(const std::vector<spl2::FieldName>& names) {
  std::vector<NamePattern> patterns;
  for (const spl2::FieldName& field : names) {
    NamePattern pattern{field.name, std::nullopt};
    if (field.glob) pattern.glob = field_glob(field.name);
    patterns.push_back(std::move(pattern));
  }
  return patterns;
}

// Only the fields listed, in that order; what is named plainly is there even when no row has it.
class KeepTransform final : public Transform {
 public:
  explicit KeepTransform(const std::vector<spl2::FieldName>& names) : names_(patterns_of(names)) {}

  Result<event::EventBatch> apply(event::EventBatch batch) const override {
    std::vector<event::Field> kept;
    for (const NamePattern& name : names_) {
      if (name.glob)
        append_matching(batch, *name.glob, kept);
      else if (!contains(kept, name.name))
        kept.push_back({name.name, resolve_field(batch, name.name), true});
    }
    batch.replace_fields(std::move(kept));
    batch.set_ordered(true);
    return batch;
  }

 private:
  static bool contains(const std::vector<event::Field>& fields, std::string_view name) {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const event::Field& field) { return field.name == name; });
  }

  // A field that is also named plainly keeps the place of its name.
  bool named_plainly(std::string_view field) const {
    return std::any_of(names_.begin(), names_.end(),
                       [&](const NamePattern& name) { return !name.glob && name.name == field; });
  }

  void append_matching(const event::EventBatch& batch, const WildcardPattern& glob,
                       std::vector<event::Field>& kept) const {
    for (const std::size_t i : event::print_order(batch)) {
      const event::Field& field = batch.fields()[i];
      if (glob.matches(field.name) && !named_plainly(field.name) && !contains(kept, field.name))
        kept.push_back(field);
    }
  }

  std::vector<NamePattern> names_;
};

class RemoveTransform final : public Transform {
 public:
  explicit RemoveTransform(const std::vector<spl2::FieldName>& names)
      : names_(patterns_of(names)) {}

  Result<event::EventBatch> apply(event::EventBatch batch) const override {
    std::vector<event::Field> kept;
    for (std::size_t i = 0; i < batch.field_count(); ++i)
      if (!removed(batch, i)) kept.push_back(batch.fields()[i]);
    batch.replace_fields(std::move(kept));
    return batch;
  }

 private:
  bool removed(const event::EventBatch& batch, std::size_t field) const {
    return std::any_of(names_.begin(), names_.end(), [&](const NamePattern& name) {
      if (name.glob) return name.glob->matches(batch.fields()[field].name);
      return stored_index(batch, name.name) == field;
    });
  }

  std::vector<NamePattern> names_;
};

}  // namespace

TransformPtr make_fields(const spl2::FieldsCommand& command) {
  if (command.remove) return std::make_shared<RemoveTransform>(command.fields);
  return std::make_shared<KeepTransform>(command.fields);
}

}  // namespace lynxdb::query
