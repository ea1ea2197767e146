#include "cluster/etcd/etcd_election.h"

#include <utility>

#include "cluster/boot_time.h"
#include "cluster/etcd/etcd_client.h"
#include "cluster/liveness/port_probe.h"

namespace lynxdb::cluster {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kProbeTimeout{250};
// A port may be closed for a moment while its process is replaced.
constexpr int kRefusalsMax = 2;

Deadline election_deadline(milliseconds time) { return std::chrono::steady_clock::now() + time; }

}  // namespace

bool EtcdElection::see(std::optional<Controller> controller, std::int64_t revision) {
  const base::MutexLock lock(mutex_);
  if (revision <= seen_at_) return false;
  seen_at_ = revision;
  const auto term_of = [](const auto& each) { return each ? each->term : 0; };
  const bool is_news = term_of(controller_) != term_of(controller);
  controller_ = std::move(controller);
  return is_news;
}

std::optional<Controller> EtcdElection::controller() const {
  const base::MutexLock lock(mutex_);
  return controller_;
}

std::int64_t EtcdElection::term() const {
  // The lease is read after the term: a new one may have begun in between, which is later.
  const std::int64_t term = term_.load();
  return boot_time_ms() < lease_until_ms_.load() ? term : 0;
}

Result<> EtcdElection::step() {
  const auto seen = controller();
  if (term_ != 0) {
    const bool is_over = term() == 0 || !seen || seen->term != term_;
    if (!is_over) return renew();
    lose();
  }
  if (resigned_ || !options_.may_lead) return {};
  if (seen) return watch_over(*seen);
  return campaign();
}

Result<> EtcdElection::renew() {
  const std::int64_t now_ms = boot_time_ms();
  if (now_ms - renewed_ms_ < milliseconds(options_.ttl).count() / 4) return {};
  const std::int64_t seconds =
      TRY(client_.keep_alive(lease_, election_deadline(options_.call_timeout)));
  if (seconds <= 0) {
    lose();
    return {};
  }
  renewed_ms_ = now_ms;
  lease_until_ms_ = now_ms + seconds * 1000;
  return {};
}

void EtcdElection::lose() {
  lease_until_ms_ = 0;
  term_ = 0;
  lease_ = 0;
}

Result<> EtcdElection::campaign() {
  const std::int64_t now_ms = boot_time_ms();
  const auto granted =
      TRY(client_.grant(options_.ttl.count(), election_deadline(options_.call_timeout)));
  if (!granted.error().empty())
    return Error{ErrorCode::kUnavailable, "etcd grants no lease: " + granted.error()};
  const Controller own{.term = 0, .address = options_.address, .incarnation = options_.incarnation};
  const auto picture =
      TRY(log_.campaign(own, granted.id(), election_deadline(options_.call_timeout)));
  (void)see(picture.controller, picture.revision);
  if (!picture.done || !picture.controller) return {};
  if (auto ready = options_.prepare(); !ready) {
    (void)log_.end_term(picture.controller->term, election_deadline(options_.call_timeout));
    return ready;
  }
  lease_ = granted.id();
  renewed_ms_ = now_ms;
  term_ = picture.controller->term;
  lease_until_ms_ = now_ms + granted.ttl() * 1000;
  return {};
}

// A lease is over soon enough when its holder is silent. One that is certainly dead need not be
// waited for: an earlier life of this node, or a process whose machine says that nobody listens.
Result<> EtcdElection::watch_over(const Controller& controller) {
  bool is_dead = controller.address == options_.address;
  if (!is_dead) {
    if (suspect_ != controller.term) refusals_ = 0;
    suspect_ = controller.term;
    const bool refused = !links_.has_connection(controller.address) &&
                         probe_port(controller.address, kProbeTimeout) == PortState::kRefused;
    refusals_ = refused ? refusals_ + 1 : 0;
    is_dead = refusals_ >= kRefusalsMax;
  }
  if (!is_dead) return {};
  TRY(log_.end_term(controller.term, election_deadline(options_.call_timeout)));
  return campaign();
}

Result<> EtcdElection::resign() {
  resigned_ = true;
  const std::int64_t term = term_;
  lose();
  if (term == 0) return {};
  return log_.end_term(term, election_deadline(options_.call_timeout));
}

}  // namespace lynxdb::cluster
