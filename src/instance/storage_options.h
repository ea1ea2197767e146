// The configuration in the words of the storage engine.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "config/server_config.h"
#include "io/object_store.h"
#include "storage/options.h"

namespace lynxdb::instance {

inline std::chrono::milliseconds in_ms(config::Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration);
}

storage::StoreOptions storage_options(const config::ServerConfig& config);
storage::RetentionOptions retention_options(const config::ServerConfig& config);

// Where segments go when that is not the data directory: S3, or a shared directory. Null otherwise.
Result<std::unique_ptr<io::ObjectStore>> open_objects(const config::StorageConfig& config);
// The directory of the objects when they are files of this machine, else "".
std::string objects_directory(const config::StorageConfig& config,
                              const std::string& data_directory);

}  // namespace lynxdb::instance
