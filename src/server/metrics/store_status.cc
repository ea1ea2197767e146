#include "server/metrics/store_status.h"

namespace lynxdb::server {

std::string_view to_string(HealthState state) {
  switch (state) {
    case HealthState::kHealthy:
      return "healthy";
    case HealthState::kDegraded:
      return "degraded";
    case HealthState::kUnhealthy:
      break;
  }
  return "unhealthy";
}

}  // namespace lynxdb::server
