// json_extract, json_valid, json_keys, json_array_length, json_type, json_object, json_array,
// json_set, json_remove, json_merge.
#include <array>
#include <utility>

#include "query/expression_memory.h"
#include "query/expression_value.h"
#include "query/functions/call.h"
#include "query/functions/function.h"
#include "query/functions/json_text.h"
#include "query/json_path.h"

namespace lynxdb::query {

using event::ColumnBuilder;
using event::Type;
using event::Value;
using event::ValueView;

namespace {

using Arguments = std::span<const ValueView>;

// A path argument: parsed once when it is a constant, else per row (null when it is no path).
class PathArgument {
 public:
  static Result<PathArgument> of(const FunctionArguments& arguments, std::size_t i,
                                 const FunctionContext& context) {
    PathArgument path;
    path.index_ = i;
    if (i >= arguments.size()) {
      path.constant_ = JsonPath();
      return path;
    }
    const std::optional<Value> text = constant_argument(arguments, i);
    if (!text || text->is_null()) return path;
    path.constant_ = JsonPath::parse(event::text(*text));
    if (!path.constant_)
      return context.at_argument(
          i, {ErrorCode::kInvalidArgument, "'" + event::text(*text) + "' is not a JSON path",
              "a.b[0].c, [-1] or items[*].sku"});
    return path;
  }

  // `computed` holds the path of this row unless it is constant.
  const JsonPath* in(Arguments values, std::optional<JsonPath>& computed) const {
    if (constant_) return &*constant_;
    std::string scratch;
    computed = JsonPath::parse(text_of(values[index_], scratch));
    return computed ? &*computed : nullptr;
  }

 private:
  std::size_t index_ = 0;
  std::optional<JsonPath> constant_;
};

// A function of JSON text and a path; `compute(text, path, out)` appends one value.
template <typename Compute>
Result<ExpressionPtr> make_path_call(FunctionArguments arguments, std::size_t path_at,
                                     const FunctionContext& context, Compute compute) {
  const PathArgument path = TRY(PathArgument::of(arguments, path_at, context));
  const auto row = [path, compute](Arguments values, ColumnBuilder& out) {
    std::optional<JsonPath> computed;
    const JsonPath* steps = path.in(values, computed);
    if (steps == nullptr || values[0].type() != Type::kString) return out.append_null();
    compute(values, *steps, out);
  };
  return make_call(std::move(arguments), {.row = row});
}

Result<ExpressionPtr> build_extract(FunctionArguments arguments, const FunctionContext& context) {
  return make_path_call(std::move(arguments), 1, context,
                        [](Arguments values, const JsonPath& path, ColumnBuilder& out) {
                          const Value found = path.extract(values[0].as_string());
                          if (take_expression_memory(made_bytes(found)))
                            out.append(found);
                          else
                            out.append_null();
                        });
}

Result<ExpressionPtr> build_valid(FunctionArguments arguments, const FunctionContext&) {
  const auto row = [](Arguments values, ColumnBuilder& out) {
    const ValueView text = single(values[0]);
    out.append_bool(text.type() == Type::kString && json_type(text.as_string()).has_value());
  };
  return make_call(std::move(arguments),
                   {.row = row, .lists = ListMode::kWhole, .sees_nulls = true});
}

void keys_at(Arguments values, const JsonPath& path, ColumnBuilder& out) {
  const auto piece = json_at(values[0].as_string(), path);
  const auto members = piece ? json_members(*piece) : std::nullopt;
  if (!members) return out.append_null();
  std::vector<Value> keys;
  for (const JsonMember& member : *members) keys.push_back(Value::string(json_unquote(member.key)));
  append_made(std::move(keys), out);
}

void length_at(Arguments values, const JsonPath& path, ColumnBuilder& out) {
  const auto piece = json_at(values[0].as_string(), path);
  const auto elements = piece ? json_elements(*piece) : std::nullopt;
  if (!elements) return out.append_null();
  out.append_int(static_cast<std::int64_t>(elements->size()));
}

void type_at(Arguments values, const JsonPath& path, ColumnBuilder& out) {
  const auto piece = json_at(values[0].as_string(), path);
  const auto type = piece ? json_type(*piece) : std::nullopt;
  if (!type) return out.append_null();
  out.append_string(to_string(*type));
}

template <void (*Compute)(Arguments, const JsonPath&, ColumnBuilder&)>
Result<ExpressionPtr> build_at_path(FunctionArguments arguments, const FunctionContext& context) {
  return make_path_call(std::move(arguments), 1, context, Compute);
}

void append_optional(const std::optional<std::string>& text, ColumnBuilder& out) {
  if (text)
    append_made(*text, out);
  else
    out.append_null();
}

// What json_set puts in: text that is JSON as it stands, everything else in its JSON form.
std::string json_of(ValueView value) {
  if (value.type() == Type::kString && json_type(value.as_string()))
    return std::string(value.as_string());
  std::string text;
  event::append_json(value, text);
  return text;
}

Result<ExpressionPtr> build_set(FunctionArguments arguments, const FunctionContext& context) {
  return make_path_call(std::move(arguments), 1, context,
                        [](Arguments values, const JsonPath& path, ColumnBuilder& out) {
                          const std::string value = json_of(values[2]);
                          append_optional(json_replace(values[0].as_string(), path, value), out);
                        });
}

Result<ExpressionPtr> build_remove(FunctionArguments arguments, const FunctionContext& context) {
  return make_path_call(std::move(arguments), 1, context,
                        [](Arguments values, const JsonPath& path, ColumnBuilder& out) {
                          append_optional(json_replace(values[0].as_string(), path, std::nullopt),
                                          out);
                        });
}

Result<ExpressionPtr> build_merge(FunctionArguments arguments, const FunctionContext&) {
  const auto row = [](Arguments values, ColumnBuilder& out) {
    if (values[0].type() != Type::kString || values[1].type() != Type::kString)
      return out.append_null();
    append_optional(json_merge(values[0].as_string(), values[1].as_string()), out);
  };
  return make_call(std::move(arguments), {.row = row});
}

// Keys and values in turn; a null key makes the whole null, a null value is JSON's null.
void object_row(Arguments values, ColumnBuilder& out) {
  std::string text = "{";
  for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
    if (values[i].is_null()) return out.append_null();
    if (i > 0) text += ',';
    event::append_json_string(event::text(values[i]), text);
    text += ':';
    event::append_json(values[i + 1], text);
    if (!fits_as_value(text.size())) return out.append_null();
  }
  append_made(text += '}', out);
}

Result<ExpressionPtr> build_object(FunctionArguments arguments, const FunctionContext&) {
  if (arguments.size() % 2 != 0)
    return Error{ErrorCode::kInvalidArgument, "json_object() takes keys and values in pairs",
                 "json_object(\"a\", 1, \"b\", x)"};
  return make_call(std::move(arguments),
                   {.row = object_row, .lists = ListMode::kWhole, .sees_nulls = true});
}

void array_row(Arguments values, ColumnBuilder& out) {
  std::string text = "[";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += ',';
    event::append_json(values[i], text);
    if (!fits_as_value(text.size())) return out.append_null();
  }
  append_made(text += ']', out);
}

Result<ExpressionPtr> build_array(FunctionArguments arguments, const FunctionContext&) {
  return make_call(std::move(arguments),
                   {.row = array_row, .lists = ListMode::kWhole, .sees_nulls = true});
}

constexpr std::array kFunctions = {
    Function{"json_extract", 2, 2, build_extract},
    Function{"json_valid", 1, 1, build_valid},
    Function{"json_keys", 1, 2, build_at_path<keys_at>},
    Function{"json_array_length", 1, 2, build_at_path<length_at>},
    Function{"json_type", 1, 2, build_at_path<type_at>},
    Function{"json_object", 0, kManyArguments, build_object},
    Function{"json_array", 0, kManyArguments, build_array},
    Function{"json_set", 3, 3, build_set},
    Function{"json_remove", 2, 2, build_remove},
    Function{"json_merge", 2, 2, build_merge},
};

}  // namespace

std::span<const Function> json_functions() { return kFunctions; }

}  // namespace lynxdb::query
