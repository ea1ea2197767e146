#include "cluster/liveness/node_session.h"

#include <ctime>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace lynxdb::cluster {
namespace {

using std::chrono::milliseconds;

// Between two attempts of what failed.
constexpr milliseconds kRetryPause{100};
constexpr milliseconds kReadTimeout{2000};

Deadline session_deadline(milliseconds time) { return std::chrono::steady_clock::now() + time; }

}  // namespace

std::int64_t boot_time_ms() {
  timespec now{};
  LYNXDB_CHECK(::clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return now.tv_sec * std::int64_t{1000} + now.tv_nsec / 1'000'000;
}

NodeSession::NodeSession(ClusterMetadata& metadata, NodeSessionOptions options)
    : metadata_(metadata), options_(std::move(options)) {
  thread_ = std::thread([this] { run(); });
}

NodeSession::~NodeSession() { stop(); }

std::optional<NodeSession::Life> NodeSession::life() const {
  const base::MutexLock lock(mutex_);
  return life_;
}

std::int64_t NodeSession::lease_until_ms() const {
  const base::MutexLock lock(mutex_);
  return lease_until_ms_;
}

void NodeSession::leave() {
  stop();
  std::optional<Life> life;
  {
    const base::MutexLock lock(mutex_);
    lease_until_ms_ = 0;
    life = life_;
  }
  if (life) (void)metadata_.propose(metadata::FenceNode{life->node, life->epoch});
}

void NodeSession::stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    stopping_changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void NodeSession::run() {
  while (true) {
    const Deadline next = session_deadline(step());
    const base::MutexLock lock(mutex_);
    while (!stopping_ && stopping_changed_.wait_until(mutex_, next)) {
    }
    if (stopping_) return;
  }
}

// How long until the next one.
milliseconds NodeSession::step() {
  const auto life = this->life();
  auto done = life ? beat(*life) : register_node();
  if (!done && done.error().code == ErrorCode::kConflict && life) done = come_back();
  if (done) {
    noted_.clear();
    return life ? options_.heartbeat_interval : milliseconds(0);
  }
  note(done.error());
  return kRetryPause;
}

Result<> NodeSession::register_node() {
  metadata::RegisterNode registration = options_.registration;
  const auto before = TRY(metadata_.read_state(session_deadline(kReadTimeout)));
  const metadata::NodeEntry* earlier = metadata::find_node(*before, registration.name);
  registration.expected_epoch = earlier == nullptr ? 0 : earlier->epoch;
  const auto state = TRY(metadata_.propose(registration));
  const metadata::NodeEntry* entry = metadata::find_node(*state, options_.registration.name);
  if (entry == nullptr || entry->incarnation != options_.registration.incarnation)
    return Error{ErrorCode::kUnavailable, "another node has taken this one's name"};
  TRY(metadata_.propose(metadata::UnfenceNode{entry->id, entry->epoch}));
  const base::MutexLock lock(mutex_);
  life_ = Life{entry->id, entry->epoch};
  return {};
}

// The lease counts from before the question was sent.
Result<> NodeSession::beat(const Life& life) {
  const std::int64_t sent_ms = boot_time_ms();
  TRY(metadata_.send_heartbeat({life.node, life.epoch},
                               session_deadline(options_.heartbeat_interval)));
  const base::MutexLock lock(mutex_);
  lease_until_ms_ = std::max(lease_until_ms_, sent_ms + options_.lease_duration.count());
  return {};
}

// Fenced, or registered by somebody else: the newest state says which.
Result<> NodeSession::come_back() {
  const auto state = TRY(metadata_.read_state(session_deadline(kReadTimeout)));
  const auto life = this->life();
  const auto entry = state->nodes.find(life->node);
  if (entry == state->nodes.end() || entry->second.epoch != life->epoch) {
    const base::MutexLock lock(mutex_);
    life_.reset();
    lease_until_ms_ = 0;
    return {};
  }
  if (!entry->second.fenced) return {};
  options_.log("this node was fenced while it was silent, and comes back");
  TRY(metadata_.propose(metadata::UnfenceNode{life->node, life->epoch}));
  return {};
}

void NodeSession::note(const Error& error) {
  if (noted_ == error.message) return;
  noted_ = error.message;
  options_.log(error.message);
}

}  // namespace lynxdb::cluster
