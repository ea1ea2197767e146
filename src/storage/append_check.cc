#include "storage/append_check.h"

#include <string_view>
#include <unordered_set>

#include "base/index_name.h"

namespace lynxdb::storage {
namespace {

Error invalid(std::string what) { return Error{ErrorCode::kInvalidArgument, std::move(what)}; }

Result<> check_fields(const event::EventBatch& batch) {
  std::unordered_set<std::string_view> names;
  for (const event::Field& field : batch.fields()) {
    if (field.name.empty()) return invalid("a field has no name");
    if (!names.insert(field.name).second) return invalid("two fields are named " + field.name);
    if (field.column->size() != batch.rows()) {
      return invalid("field " + field.name + " has another number of rows");
    }
  }
  return {};
}

Result<> check_time(const event::EventBatch& batch) {
  const event::ColumnPtr* time = batch.find(event::kTime);
  if (time == nullptr || (*time)->kind() != event::Kind::kTimestamp || (*time)->has_nulls()) {
    return invalid("an event has no _time");
  }
  return {};
}

Result<> check_name(const event::ValueView& value) {
  if (value.is_null()) return {};
  if (value.type() == event::Type::kString && base::is_index_name(value.as_string())) return {};
  return invalid("an event's _index is no index name");
}

Result<> check_index(const event::EventBatch& batch) {
  const event::ColumnPtr* index = batch.find(event::kIndex);
  if (index == nullptr) return {};
  const bool has_codes = (*index)->kind() == event::Kind::kDictionary;
  const event::Column& names = has_codes ? *(*index)->dictionary() : **index;
  for (std::size_t row = 0; row < names.size(); ++row) TRY(check_name(names.view(row)));
  return {};
}

}  // namespace

Result<> check_append(const AppendRequest& request) {
  const std::size_t rows = request.batch.rows();
  if (rows == 0 || rows > kAppendRowsMax) {
    return invalid("an append has " + std::to_string(rows) + " events, not 1 to " +
                   std::to_string(kAppendRowsMax));
  }
  if (request.batch_id.size() > kBatchIdBytesMax) {
    return invalid("a batch id has more than " + std::to_string(kBatchIdBytesMax) + " bytes");
  }
  if (!request.event_ids.empty() && request.event_ids.size() != rows) {
    return invalid("there are not as many event ids as events");
  }
  TRY(check_fields(request.batch));
  TRY(check_time(request.batch));
  return check_index(request.batch);
}

}  // namespace lynxdb::storage
