// SPDX-License-Identifier: MIT
// The three kinds of work that a chain is made of. Executors know nothing else; a mode is how its
// executor orders and overlaps the nodes.
//
// Items that a node does not handle (audio packets in a picture step) pass through it unchanged.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "pipeline/execute/item.h"

namespace quadrant {

class Work {
 public:
  virtual ~Work() = default;
  std::string name;           // for people: "decode", "denoise+sharpen"
  bool holds_frames = false;  // holds frames until later ones come
  bool makes_many = false;    // of one item; see SerialNode::more()
  // Frames in progress that it admitted; counted by the executor. Some may outlive the node.
  std::shared_ptr<int> begun = std::make_shared<int>(0);
};

// One call at a time, in order of Item.index. Emits any number of items for each.
class SerialNode : public Work {
 public:
  virtual void push(Item item, const EmitItem& emit) = 0;
  // Emits the next item that the latest push() left; false: there is none. Called until there is
  // none, then comes the next item.
  virtual bool more(const EmitItem&) { return false; }
};

// Calls may overlap and come in any order.
class ParallelNode : public Work {
 public:
  virtual Item apply(Item item) = 0;
};

// Starts something that holds no core. `done` is called once, from any thread, with the item and
// the failure, if any.
class AsyncNode : public Work {
 public:
  using Done = std::function<void(Item, std::exception_ptr)>;
  virtual void start(Item item, Done done) = 0;
};

using Node = std::variant<std::unique_ptr<SerialNode>, std::unique_ptr<ParallelNode>,
                          std::unique_ptr<AsyncNode>>;
using Chain = std::vector<Node>;

}  // namespace quadrant
