#include "cluster/liveness/node_session.h"

#include <algorithm>
#include <utility>

#include "cluster/boot_time.h"

namespace lynxdb::cluster {
namespace {

using std::chrono::milliseconds;

// Between two attempts of what failed.
constexpr milliseconds kRetryPause{100};
constexpr milliseconds kReadTimeout{2000};

Deadline session_deadline(milliseconds time) { return std::chrono::steady_clock::now() + time; }

}  // namespace

NodeSession::NodeSession(ClusterMetadata& metadata, NodeSessionOptions options)
    : metadata_(metadata), options_(std::move(options)) {
  thread_.start([this] { return step(); });
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

void NodeSession::register_again() {
  const base::MutexLock lock(mutex_);
  life_.reset();
  lease_until_ms_ = 0;
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

// How long until the next one.
milliseconds NodeSession::step() {
  if (const auto fit = options_.fitness(); !fit) {
    note(fit.error());
    return kRetryPause;
  }
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
  // Before the first heartbeat: a lease is of this life.
  options_.registered(entry->id, entry->epoch);
  const base::MutexLock lock(mutex_);
  life_ = Life{entry->id, entry->epoch};
  return {};
}

// The lease counts from before the question was sent.
Result<> NodeSession::beat(const Life& life) {
  const std::int64_t sent_ms = boot_time_ms();
  const metadata::Version version = TRY(metadata_.send_heartbeat(
      {life.node, life.epoch}, session_deadline(options_.heartbeat_interval)));
  options_.answered(sent_ms, version);
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
