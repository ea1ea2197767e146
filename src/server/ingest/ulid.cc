#include "server/ingest/ulid.h"

#include <memory>
#include <random>
#include <vector>

#include "base/hash.h"

namespace lynxdb::server {

Ulid Ulid::make(std::int64_t wall_ns) {
  static thread_local std::mt19937_64 random(std::random_device{}());
  constexpr std::int64_t kNsPerMs = 1'000'000;
  Ulid ulid;
  ulid.high_ = static_cast<std::uint64_t>(wall_ns / kNsPerMs) << 16U | (random() & 0xffffU);
  // Room for the rows of a request without a carry into the time.
  ulid.low_ = random() >> 1U;
  return ulid;
}

Ulid Ulid::of(std::string_view key) {
  Ulid ulid;
  ulid.high_ = base::xxh3(key, 1);
  ulid.low_ = base::xxh3(key, 2) >> 1U;
  return ulid;
}

void Ulid::advance() {
  if (++low_ == 0) ++high_;
}

void Ulid::write(char* out) const {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::uint64_t high = high_;
  std::uint64_t low = low_;
  for (std::size_t i = kTextBytes; i-- > 0;) {
    out[i] = kDigits[low & 31U];
    low = low >> 5U | high << 59U;
    high >>= 5U;
  }
}

std::string Ulid::text() const {
  std::string text(kTextBytes, '\0');
  write(text.data());
  return text;
}

event::ColumnPtr make_ids(std::size_t rows, Ulid id) {
  const auto arena = std::make_shared<event::Arena>();
  std::vector<std::string_view> texts;
  texts.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i, id.advance()) {
    char* text = arena->allocate(Ulid::kTextBytes);
    id.write(text);
    texts.emplace_back(text, Ulid::kTextBytes);
  }
  return event::Column::strings(std::move(texts), {arena});
}

}  // namespace lynxdb::server
