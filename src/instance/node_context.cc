#include "instance/node_context.h"

#include <unistd.h>

#include <array>
#include <future>
#include <thread>
#include <utility>

namespace lynxdb::instance {
namespace {

std::string retention_text(config::Duration retention) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(retention).count();
  if (seconds == 0) return "0";
  if (seconds % 86'400 == 0) return std::to_string(seconds / 86'400) + "d";
  return seconds % 3'600 == 0 ? std::to_string(seconds / 3'600) + "h"
                              : std::to_string(seconds) + "s";
}

}  // namespace

storage::Log storage_log(Log log) {
  return [log = std::move(log)](storage::Severity severity, std::string_view text) {
    log(severity == storage::Severity::kError     ? Severity::kError
        : severity == storage::Severity::kWarning ? Severity::kWarning
                                                  : Severity::kInfo,
        text);
  };
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

StoreMonitor::Retention retention_texts(const config::ServerConfig& config) {
  StoreMonitor::Retention texts{.all = retention_text(config.retention), .by_index = {}};
  for (const auto& [index, retention] : config.index_retention)
    texts.by_index[index] = retention_text(retention);
  return texts;
}

Result<> drop_segments(metadata::MetadataStore& metadata,
                       const std::vector<std::string>& object_keys, const Log& log) {
  for (const std::string& key : object_keys) {
    metadata::DropSegments command;
    std::uint64_t events = 0;
    for (const auto& [id, segment] : metadata.state()->segments) {
      if (segment->object_key != key) continue;
      command.removed.push_back(id);
      events += segment->rows;
    }
    if (command.removed.empty())
      return Error{ErrorCode::kNotFound, "there is no segment " + key,
                   "leave --drop-damaged-segment out: it may have been dropped already"};
    TRY(metadata.propose(command));
    log(Severity::kWarning,
        "dropped the segment " + key + ", and its " + std::to_string(events) + " events");
  }
  return {};
}

Result<> flush_in_time(storage::Store& store, io::ObjectStore& objects, config::Duration limit) {
  std::promise<void> flushed;
  std::thread watch([&, is_flushed = flushed.get_future()] {
    if (is_flushed.wait_for(limit) == std::future_status::timeout) objects.cancel();
  });
  Result<> result = store.flush_now();
  flushed.set_value();
  watch.join();
  return result;
}

}  // namespace lynxdb::instance
