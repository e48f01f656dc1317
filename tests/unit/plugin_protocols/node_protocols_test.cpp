#include "plugin_protocols/node_protocols.h"

#include <catch2/catch.hpp>
#include <string>

#include "plugin_protocols/plugin_connection.h"
#include "support/shard_fixture.h"
#include "unit/plugin_protocols/line_protocol.h"
#include "unit/plugin_services/node_fixture.h"

using namespace patchbay;
using patchbay::test::LineProtocol;
using patchbay::test::NodeFixture;
using plugin_bridge::Instance;

namespace {

/// A plugin whose only interface is the line protocol.
struct LinePlugin {
  LinePlugin() {
    table.size = sizeof(table);
    table.self = this;
    table.get = [](void* self, const char* id) -> const void* {
      return std::string_view(id) == PATCHBAY_PROTOCOL_1 && static_cast<LinePlugin*>(self)->speaks
                 ? &LineProtocol::table()
                 : nullptr;
    };
  }
  LineProtocol protocol{*plugin_protocols::broker_client_table()};
  patchbay_plugin table{};
  bool speaks = true;
};

}  // namespace

TEST_CASE("a protocol is spoken from the opening of its instance to its draining") {
  NodeFixture node;
  connection::ProtocolDirectory directory;
  plugin_protocols::NodeProtocols protocols(
      directory, node.shards, node.flow.epoch,
      [&node](const std::function<void()>& work, uint64_t) { return node.on_each_shard(work); });
  plugin_protocols::NodeProtocols::offer_interfaces(node.bridge.interfaces());
  LinePlugin plugin;
  const auto instance = node.instance("gateway", 1);
  CHECK(instance->host()->get(instance->host(), PATCHBAY_BROKER_CLIENT_1) != nullptr);
  instance->set_plugin(&plugin.table);
  node.open(*instance);
  protocols.opened(*instance);
  REQUIRE(directory.all().size() == 1);
  CHECK(directory.all()[0]->id == "line");
  CHECK(directory.all()[0]->alpn_names == std::vector<std::string>{"line"});
  protocols.draining(*instance);
  CHECK(directory.all().empty());
  CHECK(protocols.wait_for_connections(*instance, 0));
  CHECK(node.stop(*instance));
}

TEST_CASE("without a protocol, or without the permission, nothing is spoken") {
  test::RecordingLog log;
  NodeFixture node;
  connection::ProtocolDirectory directory;
  plugin_protocols::NodeProtocols protocols(
      directory, node.shards, node.flow.epoch,
      [&node](const std::function<void()>& work, uint64_t) { return node.on_each_shard(work); });
  LinePlugin silent;
  silent.speaks = false;
  const auto other = node.instance("other", 1);
  other->set_plugin(&silent.table);
  protocols.opened(*other);
  CHECK(log.lines.empty());
  LinePlugin plugin;
  const auto instance = node.instance("gateway", 2, {}, {});
  instance->set_plugin(&plugin.table);
  protocols.opened(*instance);
  REQUIRE_FALSE(log.lines.empty());
  CHECK(log.lines.back().find("permission 'protocol' was not granted") != std::string::npos);
  CHECK(directory.all().empty());
  CHECK(node.stop(*other));
  CHECK(node.stop(*instance));
}

TEST_CASE("one id has one instance; the next version of the same instance takes its place") {
  test::RecordingLog log;
  NodeFixture node;
  connection::ProtocolDirectory directory;
  plugin_protocols::NodeProtocols protocols(
      directory, node.shards, node.flow.epoch,
      [&node](const std::function<void()>& work, uint64_t) { return node.on_each_shard(work); });
  LinePlugin old_plugin;
  LinePlugin new_plugin;
  LinePlugin foreign_plugin;
  const auto old_version = node.instance("gateway", 1);
  const auto new_version = node.instance("gateway", 2);
  const auto foreign = node.instance("another", 3);
  old_version->set_plugin(&old_plugin.table);
  new_version->set_plugin(&new_plugin.table);
  foreign->set_plugin(&foreign_plugin.table);
  protocols.opened(*old_version);
  const auto first = directory.all().at(0);
  protocols.opened(*foreign);
  CHECK(directory.all().at(0) == first);
  CHECK(log.lines.back().find("another one has this id") != std::string::npos);
  protocols.opened(*new_version);
  REQUIRE(directory.all().size() == 1);
  CHECK(directory.all().at(0) != first);
  protocols.draining(*old_version);
  CHECK(directory.all().size() == 1);
  protocols.draining(*new_version);
  CHECK(directory.all().empty());
  for (Instance* instance : {old_version.get(), new_version.get(), foreign.get()}) CHECK(node.stop(*instance));
}
