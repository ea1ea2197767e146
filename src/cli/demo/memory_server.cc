#include "cli/demo/servers.h"

#include <string>
#include <utility>

#include "cli/build_info.h"
#include "config/server_config.h"
#include "instance/instance.h"

namespace lynxdb::cli {
namespace {

class InMemory final : public DemoServers {
 public:
  explicit InMemory(std::unique_ptr<instance::Instance> instance)
      : instance_(std::move(instance)) {}
  std::vector<std::string> urls() const override { return {instance_->http().urls().front()}; }

 private:
  std::unique_ptr<instance::Instance> instance_;
};

}  // namespace

Result<std::unique_ptr<DemoServers>> start_memory_server(const Session& session) {
  config::Settings settings = session.settings;
  TRY(settings.set_flag("data-dir", ""));
  const config::ServerConfig config =
      TRY(config::make_server_config(settings, config::this_machine()));
  const Console console = session.console;
  auto instance =
      TRY(instance::Instance::start(config, {.version = std::string(build_info().version)},
                                    [console](instance::Severity severity, std::string_view text) {
                                      if (severity != instance::Severity::kInfo) console.note(text);
                                    }));
  return std::unique_ptr<DemoServers>(std::make_unique<InMemory>(std::move(instance)));
}

}  // namespace lynxdb::cli
