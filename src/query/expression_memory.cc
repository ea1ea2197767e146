#include "query/expression_memory.h"

#include <utility>

#include "query/interrupted.h"
#include "query/operators/budget_error.h"

namespace lynxdb::query {
namespace {

// Not taken from the query's memory: batches of usual sizes stay below it, and small steps would
// make the workers meet at the shared counter.
constexpr std::size_t kFreeBytes = std::size_t{4} << 20U;
constexpr std::size_t kStepBytes = std::size_t{1} << 20U;

thread_local ExpressionMemory* current_scope = nullptr;

}  // namespace

ExpressionMemory::ExpressionMemory(Execution& execution, std::size_t bytes_before)
    : execution_(execution), outer_(current_scope), memory_(execution.memory) {
  current_scope = this;
  take(bytes_before);
}

ExpressionMemory::~ExpressionMemory() { current_scope = outer_; }

bool ExpressionMemory::take(std::size_t bytes) {
  bytes_ += bytes;
  if (bytes_ <= kFreeBytes + memory_.bytes()) return true;
  const std::size_t wanted = bytes_ - kFreeBytes;
  if (memory_.resize(wanted + kStepBytes) || memory_.resize(wanted)) return true;
  bytes_ -= bytes;
  refused_ = true;
  return false;
}

Result<> ExpressionMemory::check(std::string_view command) {
  if (value_refused_)
    execution_.hints.add("values larger than " + std::to_string(kMadeValueBytesMax >> 20U) +
                         " MB that an expression made are null");
  if (interrupted_) TRY(execution_.cancellation.check());
  if (refused_) return out_of_memory(execution_.memory, command);
  return {};
}

bool take_expression_memory(std::size_t bytes) {
  return current_scope == nullptr || (!interrupted() && current_scope->take(bytes));
}

bool interrupted() {
  constexpr std::uint32_t kCalls = 64;  // Between two looks; a power of two.
  if (current_scope == nullptr) return false;
  if (current_scope->interrupted_) return true;
  if ((++current_scope->looks_ & (kCalls - 1)) != 0) return false;
  return interrupted_now();
}

bool interrupted_now() {
  if (current_scope == nullptr) return false;
  if (!current_scope->interrupted_)
    current_scope->interrupted_ = !current_scope->execution_.cancellation.check();
  return current_scope->interrupted_;
}

const Cancellation& current_cancellation() {
  static const Cancellation kNever;
  return current_scope == nullptr ? kNever : current_scope->execution_.cancellation;
}

bool fits_as_value(std::size_t bytes) {
  if (bytes <= kMadeValueBytesMax) return true;
  if (current_scope != nullptr) current_scope->value_refused_ = true;
  return false;
}

void append_made(std::string_view text, event::ColumnBuilder& out) {
  if (!fits_as_value(text.size()) ||
      !take_expression_memory(text.size() + sizeof(std::string_view)))
    return out.append_null();
  out.append_string(text);
}

std::size_t made_bytes(event::ValueView value) {
  std::size_t bytes = sizeof(event::Value);
  if (value.type() == event::Type::kString) bytes += value.as_string().size();
  if (value.type() == event::Type::kList)
    for (std::size_t i = 0; i < value.list_size(); ++i) bytes += made_bytes(value.list_at(i));
  return bytes;
}

void append_made(std::vector<event::Value> elements, event::ColumnBuilder& out) {
  std::size_t bytes = 0;
  for (const event::Value& element : elements) bytes += made_bytes(element);
  if (!fits_as_value(bytes) || !take_expression_memory(bytes + sizeof(event::Value)))
    return out.append_null();
  out.append(event::Value::list(std::move(elements)));
}

}  // namespace lynxdb::query
