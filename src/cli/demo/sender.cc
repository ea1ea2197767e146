#include "cli/demo/sender.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "base/clock.h"

namespace lynxdb::cli {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kTick{200};
constexpr std::uint64_t kAtOnceMax = 20'000;  // After a stall the rest is made up for in pieces.

}  // namespace

DemoSender::DemoSender(client::HttpClient::Options client, std::uint64_t rate,
                       std::uint64_t events_max)
    : client_(std::move(client)),
      sender_(client_, {}),
      logs_(std::random_device{}()),
      rate_(rate),
      events_max_(events_max) {}

void DemoSender::stop() {
  sender_.stop();
  client_.cancel();
  const base::MutexLock lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

// How many events should have been sent by now.
std::uint64_t DemoSender::due(Clock::time_point started) const {
  const double seconds = std::chrono::duration<double>(Clock::now() - started).count();
  return std::min(events_max_, static_cast<std::uint64_t>(seconds * static_cast<double>(rate_)));
}

Result<> DemoSender::run() {
  const Clock::time_point started = Clock::now();
  while (acknowledged() < events_max_) {
    const std::uint64_t wanted = due(started);
    const std::uint64_t missing = wanted - std::min(wanted, acknowledged());
    if (missing > 0) TRY(send(std::min(missing, kAtOnceMax)));
    const base::MutexLock lock(mutex_);
    const auto next = Clock::now() + kTick;
    while (!stopped_ && changed_.wait_until(mutex_, next)) {
    }
    if (stopped_) break;
  }
  return {};
}

Result<> DemoSender::send(std::uint64_t count) {
  std::array<LineBatch, kDemoSources.size()> batches;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t source = logs_.next_source();
    LineBatch& batch = batches[source];
    batch.body += logs_.line(source, base::real_clock().wall_ns()) + "\n";
    batch.numbers.push_back(batch.numbers.size() + 1);
  }
  for (std::size_t source = 0; source < batches.size(); ++source)
    if (batches[source].lines() > 0) TRY(send_batch(source, batches[source]));
  return {};
}

Result<> DemoSender::send_batch(std::size_t source, const LineBatch& batch) {
  {
    const base::MutexLock lock(mutex_);
    while (is_asking_ && !stopped_) changed_.wait(mutex_);
    is_sending_ = true;
  }
  sender_.set_labels(
      {{"X-Source", std::string(kDemoSources[source])}, {"X-Host", logs_.host(source)}});
  const auto outcome = sender_.send(batch);
  if (outcome.has_value()) acknowledged_.fetch_add(batch.lines());
  retries_.store(sender_.retries());
  const base::MutexLock lock(mutex_);
  is_sending_ = false;
  changed_.notify_all();
  if (!outcome.has_value()) return outcome.error();
  return {};
}

bool DemoSender::while_still(milliseconds patience, const std::function<void()>& ask) {
  {
    const base::MutexLock lock(mutex_);
    const auto until = Clock::now() + patience;
    while (is_sending_ && changed_.wait_until(mutex_, until)) {
    }
    if (is_sending_) return false;
    is_asking_ = true;
  }
  ask();
  const base::MutexLock lock(mutex_);
  is_asking_ = false;
  changed_.notify_all();
  return true;
}

}  // namespace lynxdb::cli
