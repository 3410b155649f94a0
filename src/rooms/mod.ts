/**
 * Rooms in which people talk, over a server of frames.
 *
 * @module
 */
export {
  type RoomEvent,
  type RoomMessage,
  type RoomRefusal,
  type RoomRequest,
  roomsCodec,
} from "./protocol.ts";
export type { RoomDelivery } from "./room_host.ts";
export {
  type Rooms,
  serveRooms,
  type ServeRoomsOptions,
} from "./serve_rooms.ts";
