"""Areas for machines: found by name, pinyin initials or code."""

from django.http import HttpRequest
from ninja import Query, Router, Schema

from fenghuo.api import schemas
from fenghuo.api.auth import home
from fenghuo.ground.areas import queries

router = Router(tags=["areas"])


class AreaOut(Schema):
    """An area, and its way from the province down (天津市 蓟州区 下仓镇)."""

    code: str
    name: str
    level: str
    path: str


class AreaList(Schema):
    """What was found, the best first; at most `limit`."""

    items: list[AreaOut]


@router.get("/areas", response=AreaList, operation_id="areas", summary="辖区 Areas by name, initials or code")
def areas(
    request: HttpRequest,
    text: str = Query(..., max_length=60, pattern=schemas.TEXT),
    within: str = Query("", max_length=14, pattern=r"^[0-9]*$"),
    limit: int = Query(20, ge=1, le=50),
) -> AreaList:
    """In the caller's own area unless `within` names another; the tree of areas is public."""
    found = queries.search(text, within or home(request).area_id, limit)
    return AreaList(items=[AreaOut(code=one.code, name=one.name, level=one.level, path=one.path) for one in found])
