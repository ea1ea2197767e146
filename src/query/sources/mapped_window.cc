#include "query/sources/mapped_window.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "base/check.h"

namespace lynxdb::query {
namespace {

// Spans that are mapped now. The signal handler reads it, so it is fixed in size and takes no
// lock.
struct Slot {
  std::atomic<std::uintptr_t> begin{0};  // 0 = free; written last, cleared first.
  std::atomic<std::uintptr_t> end{0};
  std::atomic<std::atomic<bool>*> shrunk{nullptr};
  std::atomic<bool> taken{false};
};
constexpr std::size_t kSlots = 512;
std::array<Slot, kSlots> slots;
struct sigaction previous_action{};
std::size_t page_bytes = 0;

// Async-signal-safe: atomics and mmap, nothing else.
void on_bus_error(int /*signal*/, siginfo_t* info, void* /*context*/) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (Slot& slot : slots) {
    const std::uintptr_t begin = slot.begin.load(std::memory_order_acquire);
    if (begin == 0 || address < begin || address >= slot.end.load(std::memory_order_relaxed))
      continue;
    slot.shrunk.load(std::memory_order_relaxed)->store(true, std::memory_order_release);
    void* page = reinterpret_cast<void*>(
        address & ~(page_bytes - 1));  // NOLINT(performance-no-int-to-ptr): a fault's address.
    if (::mmap(page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
        MAP_FAILED)
      return;
  }
  // Not ours: whoever was here before us handles the fault when it comes again.
  ::sigaction(SIGBUS, &previous_action, nullptr);
}

bool install_handler() {
  static const bool installed = [] {
    page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    struct sigaction action{};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    return ::sigaction(SIGBUS, &action, &previous_action) == 0;
  }();
  return installed;
}

std::optional<std::size_t> take_slot() {
  static std::atomic<std::size_t> hint{0};
  const std::size_t start = hint.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < kSlots; ++i) {
    const std::size_t slot = (start + i) % kSlots;
    if (!slots[slot].taken.exchange(true, std::memory_order_acquire)) return slot;
  }
  return std::nullopt;
}

// Offsets of a span are multiples of this: two of the steps in which the kernel can map.
constexpr std::uint64_t kSpanBytes = std::uint64_t{4} << 20U;
// Mapped behind a span for windows that begin near its end.
constexpr std::uint64_t kMarginBytes = std::uint64_t{1} << 20U;

}  // namespace

// One mapping, found by the signal handler while it lives.
class MappedSpan {
 public:
  // Null when it cannot be mapped.
  static std::shared_ptr<const MappedSpan> map(int descriptor, std::uint64_t begin,
                                               std::uint64_t end,
                                               std::shared_ptr<std::atomic<bool>> shrunk);
  ~MappedSpan();
  MappedSpan(const MappedSpan&) = delete;
  MappedSpan& operator=(const MappedSpan&) = delete;

  std::string_view text() const { return {static_cast<const char*>(address_), length_}; }
  // The rest of the last page.
  std::size_t padding_bytes() const { return (page_bytes - length_ % page_bytes) % page_bytes; }

 private:
  MappedSpan() = default;

  std::shared_ptr<std::atomic<bool>> shrunk_;
  void* address_ = nullptr;
  std::size_t length_ = 0;
  std::size_t slot_ = 0;
};

std::shared_ptr<const MappedSpan> MappedSpan::map(int descriptor, std::uint64_t begin,
                                                  std::uint64_t end,
                                                  std::shared_ptr<std::atomic<bool>> shrunk) {
  if (!install_handler()) return nullptr;
  const std::optional<std::size_t> slot = take_slot();
  if (!slot) return nullptr;
  const std::size_t length = end - begin;
  void* address =
      ::mmap(nullptr, length, PROT_READ, MAP_SHARED, descriptor, static_cast<off_t>(begin));
  if (address == MAP_FAILED) {
    slots[*slot].taken.store(false, std::memory_order_release);
    return nullptr;
  }
  const std::shared_ptr<MappedSpan> span(new MappedSpan());
  span->shrunk_ = std::move(shrunk);
  span->address_ = address;
  span->length_ = length;
  span->slot_ = *slot;

  Slot& entry = slots[*slot];
  const auto first = reinterpret_cast<std::uintptr_t>(address);
  entry.end.store(first + length + span->padding_bytes(), std::memory_order_relaxed);
  entry.shrunk.store(span->shrunk_.get(), std::memory_order_relaxed);
  entry.begin.store(first, std::memory_order_release);
  return span;
}

MappedSpan::~MappedSpan() {
  slots[slot_].begin.store(0, std::memory_order_release);
  LYNXDB_CHECK(::munmap(address_, length_) == 0);
  slots[slot_].taken.store(false, std::memory_order_release);
}

std::shared_ptr<const MappedSpan> MappedFile::span_at(std::uint64_t begin) {
  base::MutexLock lock(mutex_);
  for (const Recent& recent : recent_) {
    if (recent.begin != begin) continue;
    if (std::shared_ptr<const MappedSpan> span = recent.span.lock()) return span;
  }
  const std::uint64_t end = std::min(begin + kSpanBytes + kMarginBytes, size_bytes_);
  std::shared_ptr<const MappedSpan> span = MappedSpan::map(descriptor_, begin, end, shrunk_);
  recent_[oldest_] = {.begin = begin, .span = span};
  oldest_ = (oldest_ + 1) % recent_.size();
  last_ = span;
  return span;
}

MappedWindow MappedFile::window(std::uint64_t offset, std::uint64_t end) {
  if (offset >= std::min(end, size_bytes_)) return {};
  const std::uint64_t begin = offset & ~(kSpanBytes - 1);
  std::shared_ptr<const MappedSpan> span = span_at(begin);
  if (span == nullptr) return {};
  const std::string_view mapped = span->text();
  const std::string_view text = mapped.substr(offset - begin, end - offset);
  const std::size_t behind = mapped.size() - (offset - begin) - text.size();
  return {.owner = span, .text = text, .padding_bytes = behind + span->padding_bytes()};
}

}  // namespace lynxdb::query
