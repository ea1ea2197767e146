// The configuration in the words of the storage engine.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/server_config.h"
#include "io/object_store.h"
#include "storage/options.h"

namespace lynxdb::instance {

storage::StoreOptions storage_options(const config::ServerConfig& config,
                                      const std::string& data_directory);
storage::RetentionOptions retention_options(const config::ServerConfig& config);
// Where segments go: S3, a shared directory, or `objects` in the data directory.
Result<std::unique_ptr<io::ObjectStore>> open_objects(const config::StorageConfig& config,
                                                      const std::string& data_directory);
// The directory of the objects when they are files of this machine, else "".
std::string objects_directory(const config::StorageConfig& config,
                              const std::string& data_directory);

}  // namespace lynxdb::instance
